// A function that answers, and does nothing else.
export const handler = async () => ({ statusCode: 200, body: "" });
