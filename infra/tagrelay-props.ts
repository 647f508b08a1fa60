// What can be set on the construct. Everything but the configuration has a default.
import type { RemovalPolicy } from "aws-cdk-lib";
import type { ICertificate } from "aws-cdk-lib/aws-certificatemanager";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IHostedZone } from "aws-cdk-lib/aws-route53";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { BuildSettings } from "../shared/builders/codebuild/build-settings.ts";
import type { Config } from "../shared/pipeline/pipeline.ts";

export type TagrelayProps = {
  /** The pipelines and channels, as `readConfig("tagrelay.yaml")` or `compileConfig({ … })` returns them. */
  config: Config;

  /**
   * The name of this Tagrelay: its schedules are a group of this name in EventBridge Scheduler, and its secrets are under
   * it in SSM. `tagrelay secret` and `tagrelay doctor` take it as `--stack`. At most 54 letters, digits, `-`, `_` and `.`.
   *
   * @default the stack's name, if the construct's id is `Tagrelay` and it is directly in the stack, and else
   * `<stack>-<ids below the stack>`
   */
  name?: string;

  /**
   * The prefix of the secrets' names in SSM, with a slash at both ends.
   *
   * @default `/<name>/`
   */
  parameterPrefix?: string;

  /**
   * An address that alarms, and notices of `sns` channels that name no topic, are mailed to.
   *
   * @default none
   */
  alarmEmail?: string;

  /**
   * The topic of alarms, and of `sns` channels that name none. Its policy must let `cloudwatch.amazonaws.com` publish. The
   * construct adds that to a topic of the same app, but cannot to an imported one.
   *
   * @default a topic of its own
   */
  alarmTopic?: ITopic;

  /**
   * The projects of AWS CodeBuild to create, as `codebuild` of tagrelay.yaml has them: `{ codebuild: { images: { source: … } } }`.
   * In contrast to those, they may have values that are known only when deployed, such as the ARN of a connection.
   *
   * @default those of the configuration
   */
  builds?: BuildSettings;

  /**
   * A domain of your own for webhooks, pages and the API.
   *
   * @default the address that API Gateway makes up
   */
  domain?: TagrelayDomain;

  /**
   * How long logs are kept: those of the functions and the access log.
   *
   * @default three months, and one month for the access log
   */
  logRetention?: RetentionDays;

  /**
   * What happens to the table when the construct or its stack is deleted. With anything but `RETAIN`, the table is not
   * protected from deletion either.
   *
   * @default RemovalPolicy.RETAIN
   */
  removalPolicy?: RemovalPolicy;

  /**
   * The key of KMS that encrypts what is stored: the table, the logs, the dead letters, the topic and the environment of
   * the functions. The construct adds to the policy of a key of the same app what the services need, but cannot to that of
   * an imported one; docs/deploy.md has it.
   *
   * @default keys of AWS
   */
  encryptionKey?: IKey;

  /**
   * Whether the functions use AWS's endpoints that are validated for FIPS 140. Not every region has them.
   *
   * @default false
   */
  fipsEndpoints?: boolean;

  /**
   * Whether the functions use AWS's endpoints that IPv6 reaches, too.
   *
   * @default false
   */
  dualStackEndpoints?: boolean;

  /**
   * Tags on all resources.
   *
   * @default those of the stack
   */
  tags?: Readonly<Record<string, string>>;
};

export type TagrelayDomain = {
  /** Such as `images.example.org`. */
  name: string;

  /**
   * The certificate of the domain, in the region of the stack.
   *
   * @default one that the hosted zone validates
   */
  certificate?: ICertificate;

  /**
   * The zone that the domain is in. The construct adds the records that lead to the API.
   *
   * @default none: you add a record for the domain, which points to `http.domainTarget`
   */
  hostedZone?: IHostedZone;
};
