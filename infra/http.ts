// The HTTP API in front of the webhook function: throttled, and logged by route, since a path holds the secret.
import { RemovalPolicy, Validations } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

const routes: readonly [HttpMethod, string][] = [
  [HttpMethod.GET, "/"],
  [HttpMethod.GET, "/pipelines/{pipeline}"],
  [HttpMethod.POST, "/pipelines/{pipeline}/runs"],
  [HttpMethod.GET, "/runs/{run}"],
  [HttpMethod.POST, "/runs/{run}/{change}"],
  [HttpMethod.GET, "/sign-in"],
  [HttpMethod.POST, "/sign-in"],
  [HttpMethod.POST, "/sign-out"],
  [HttpMethod.GET, "/assets/{file}"],
  [HttpMethod.GET, "/badge/{file}"],
  [HttpMethod.GET, "/healthz"],
  [HttpMethod.POST, "/hooks/dockerhub/{secret}"],
  [HttpMethod.POST, "/hooks/github"],
  [HttpMethod.POST, "/hooks/gitlab"],
  [HttpMethod.ANY, "/api/{path+}"],
];

export class TagrelayHttp extends Construct {
  readonly api: HttpApi;
  /** Where it answers, without a slash at the end. */
  readonly url: string;

  constructor(scope: Construct, id: string, { handler }: { handler: IFunction }) {
    super(scope, id);
    this.api = new HttpApi(this, "Api", { createDefaultStage: false, description: "Tagrelay" });
    const integration = new HttpLambdaIntegration("Webhook", handler);
    for (const [method, path] of routes) this.api.addRoutes({ path, methods: [method], integration });
    const accessLog = new LogGroup(this, "AccessLog", {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: 50, burstLimit: 100 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(
          JSON.stringify({
            at: "$context.requestTime",
            route: "$context.routeKey",
            status: "$context.status",
            latencyMs: "$context.responseLatency",
            requestId: "$context.requestId",
          }),
        ),
      },
    });
    this.url = this.api.apiEndpoint;
    Validations.of(this.api).acknowledge({
      id: "AwsSolutions-APIG4",
      reason:
        "Docker Hub can be given a URL and nothing else: the app compares the secret in the path. It checks GitHub's signature and GitLab's token, asks for a bearer token under /api, and the pages for a cookie that it has signed",
    });
  }
}
