// A domain of the user's own in front of the HTTP API.
import { DomainName } from "aws-cdk-lib/aws-apigatewayv2";
import { Certificate, CertificateValidation, type ICertificate } from "aws-cdk-lib/aws-certificatemanager";
import { ARecord, RecordTarget } from "aws-cdk-lib/aws-route53";
import { ApiGatewayv2DomainProperties } from "aws-cdk-lib/aws-route53-targets";
import type { Construct } from "constructs";
import { PropsError } from "./props-error.ts";
import type { TagrelayDomain } from "./tagrelay-props.ts";

export function createDomain(scope: Construct, domain: TagrelayDomain): DomainName {
  const { name, hostedZone } = domain;
  const domainName = new DomainName(scope, "Domain", {
    domainName: name,
    certificate: certificateOf(scope, domain),
  });
  if (hostedZone !== undefined) {
    const { regionalDomainName, regionalHostedZoneId } = domainName;
    new ARecord(scope, "Record", {
      zone: hostedZone,
      // With a dot at the end, it is not a name within the zone.
      recordName: `${name}.`,
      target: RecordTarget.fromAlias(
        new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId),
      ),
    });
  }
  return domainName;
}

function certificateOf(scope: Construct, { name, certificate, hostedZone }: TagrelayDomain): ICertificate {
  if (certificate !== undefined) return certificate;
  if (hostedZone === undefined) {
    throw new PropsError(
      scope,
      `expected \`domain\` to have a certificate for ${name}, or the hosted zone to validate one in, found neither`,
    );
  }
  return new Certificate(scope, "Certificate", {
    domainName: name,
    validation: CertificateValidation.fromDns(hostedZone),
  });
}
