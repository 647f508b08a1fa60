// Remembers which images stand on which bases. What a digest stands for never changes, so nothing has to be read again as long as
// both tags have the digests of the proof, which the caller compares.
import { type Image, imageName } from "../image/image.ts";

export type Proof = {
  imageDigest: string;
  /** The digest of the base that the image stands on. */
  baseDigest: string;
};

export type Proofs = {
  find: (image: Image, base: Image) => Proof | null;
  add: (image: Image, base: Image, proof: Proof) => void;
};

/** Each takes some 400 bytes. */
const maxProofs = 20_000;

export function createProofs(): Proofs {
  const proofs = new Map<string, Proof>();
  const keyOf = (image: Image, base: Image) => `${imageName(image)} ${imageName(base)}`;
  return {
    find: (image, base) => proofs.get(keyOf(image, base)) ?? null,
    add: (image, base, proof) => {
      const key = keyOf(image, base);
      proofs.delete(key);
      if (proofs.size >= maxProofs) proofs.delete(proofs.keys().next().value ?? "");
      proofs.set(key, proof);
    },
  };
}
