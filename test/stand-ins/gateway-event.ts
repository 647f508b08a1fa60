// A request in the form in which API Gateway's HTTP API passes it to a function.
export type GatewayRequest = { headers?: Record<string, string>; cookies?: string[]; body?: string };

export function gatewayEvent(
  method: string,
  rawPath: string,
  { headers = {}, ...rest }: GatewayRequest = {},
) {
  const domainName = "abc.execute-api.eu-west-1.amazonaws.com";
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: "",
    headers: { host: domainName, "x-forwarded-proto": "https", ...headers },
    isBase64Encoded: false,
    body: null,
    ...rest,
    requestContext: {
      accountId: "1",
      apiId: "abc",
      authentication: null,
      authorizer: {},
      domainName,
      domainPrefix: "abc",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "" },
      requestId: "1",
      routeKey: "$default",
      stage: "$default",
      time: "",
      timeEpoch: 0,
    },
  };
}
