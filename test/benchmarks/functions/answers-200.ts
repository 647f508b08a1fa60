// A function that only answers 200.
export const handler = async () => ({ statusCode: 200, body: "" });
