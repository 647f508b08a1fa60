// Checks a request's AWS signature independently: Signature Version 4 as documented, with node:crypto alone.
import { createHash, createHmac } from "node:crypto";
import type { Asked } from "./any-server.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

export type ReadSignature = {
  accessKey: string;
  region: string;
  service: string;
  signedHeaders: string[];
  /** The signature of the request, and the right one. */
  signature: string;
  expected: string;
};

export function readSignature({ method, path, headers, body }: Asked, secret: string): ReadSignature {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, accessKey = "", day = "", region = "", service = "", signed = "", signature = ""] =
    form.exec(String(headers.authorization)) ?? [];
  const signedHeaders = signed.split(";");
  const lines = signedHeaders.map((name) => `${name}:${String(headers[name]).trim()}\n`).join("");
  const canonical = [method, path, "", lines, signed, sha256(body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce(hmac, Buffer.from(`AWS4${secret}`));
  return {
    accessKey,
    region,
    service,
    signedHeaders,
    signature,
    expected: hmac(key, toSign).toString("hex"),
  };
}
