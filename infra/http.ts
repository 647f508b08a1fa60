// The HTTP API in front of the webhook function: throttled, with an access log that names routes instead of paths,
// because the path of Docker Hub's webhook contains its secret.
import { RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import { HttpApi, HttpStage, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Route } from "../shared/http/routes.ts";
import { createDomain } from "./domain.ts";
import { encryptedBy } from "./encryption.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import type { TagrelayDomain } from "./tagrelay-props.ts";

export type TagrelayHttpProps = {
  handler: IFunction;
  /** The routes of the app that the handler runs. */
  routes: readonly Route[];
  domain?: TagrelayDomain | undefined;
  /** Of the access log. */
  logRetention?: RetentionDays | undefined;
  encryptionKey?: IKey | undefined;
};

export class TagrelayHttp extends Construct {
  readonly api: HttpApi;
  /** The address of webhooks, pages and the API, without a slash at the end. */
  readonly url: string;
  /** What a record for your domain must point to, if no hosted zone was given. */
  readonly domainTarget: string | undefined;

  constructor(
    scope: Construct,
    id: string,
    { handler, routes, domain, logRetention = RetentionDays.ONE_MONTH, encryptionKey }: TagrelayHttpProps,
  ) {
    super(scope, id);
    this.api = new HttpApi(this, "Api", { createDefaultStage: false, description: "Tagrelay" });
    const integration = new HttpLambdaIntegration("Webhook", handler, {
      // A permission for each route would fill the 20 KB that Lambda allows a function's policy at some 50 routes.
      scopePermissionToRoute: false,
    });
    for (const { method, path } of gatewayRoutes(routes)) {
      this.api.addRoutes({ path, methods: [method], integration });
    }
    const accessLog = new LogGroup(this, "AccessLog", {
      // For groups with this prefix, AWS adds nothing to the account's resource policy, whose size is limited.
      logGroupName: `/aws/vendedlogs/tagrelay/${Stack.of(this).stackName}-${this.node.addr.slice(-8)}`,
      retention: logRetention,
      ...encryptedBy(encryptionKey),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const domainName = domain === undefined ? undefined : createDomain(this, domain);
    new HttpStage(this, "Stage", {
      httpApi: this.api,
      ...(domainName === undefined ? {} : { domainMapping: { domainName } }),
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
    this.url = domain === undefined ? this.api.apiEndpoint : `https://${domain.name}`;
    this.domainTarget = domainName?.regionalDomainName;
    Validations.of(this.api).acknowledge({
      id: "AwsSolutions-APIG4",
      reason:
        "The app authorizes requests itself, because Docker Hub can only be given a URL: it compares the secret in that URL, and checks GitHub's signature, GitLab's token, the bearer token of /api and the signed cookie of the pages",
    });
  }
}
