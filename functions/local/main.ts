// The same as npm-start.js, for those who start it by this name.
import "./npm-start.js";
