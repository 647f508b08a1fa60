// The rules of EventBridge that invoke the schedule function: pushes to ECR, and the ends of CodeBuild's builds.
import { type EventPattern, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Config } from "../shared/pipeline/pipeline.ts";
import { codebuildProjects } from "./codebuild-projects.ts";
import { pushedEcrRepositories } from "./ecr-repositories.ts";
import { codebuildPatterns, ecrPatterns } from "./event-patterns.ts";

export type TagrelayEventsProps = {
  config: Config;
  target: IFunction;
  deadLetters: IQueue;
};

export class TagrelayEvents extends Construct {
  constructor(scope: Construct, id: string, { config, target, deadLetters }: TagrelayEventsProps) {
    super(scope, id);
    const add = (ruleId: string, description: string, eventPattern: EventPattern) =>
      new Rule(this, ruleId, {
        description,
        eventPattern,
        targets: [new LambdaFunction(target, { deadLetterQueue: deadLetters })],
      });
    for (const [index, pattern] of ecrPatterns(pushedEcrRepositories(config.pipelines)).entries()) {
      add(`Ecr${index}`, "Tagrelay: pushes to the images of the pipelines in ECR", pattern);
    }
    for (const [index, pattern] of codebuildPatterns(codebuildProjects(config.pipelines)).entries()) {
      add(`Codebuild${index}`, "Tagrelay: the ends of builds that CodeBuild runs for the pipelines", pattern);
    }
  }
}
