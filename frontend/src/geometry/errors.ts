/** A segmentation that is malformed: what the server refuses under the same name. */
export class InvalidSegmentation extends Error {
  override readonly name = "InvalidSegmentation";
}
