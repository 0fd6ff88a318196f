import type { UploadAnswer } from "./client";
import { parseProblem, Unreachable } from "./problems";

/**
 * Send files and tell how far it is. XMLHttpRequest, since fetch tells no progress of what is sent.
 *
 * @param onProgress part sent, 0 to 1
 */
export function uploadFiles(
  projectId: number,
  files: readonly File[],
  onProgress: (part: number) => void,
): Promise<UploadAnswer> {
  const body = new FormData();
  for (const file of files) body.append("files", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/projects/${projectId}/images`);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onerror = () => reject(new Unreachable("The server does not answer."));
    request.onload = () => {
      if (request.status === 200) resolve(request.response as UploadAnswer);
      else reject(parseProblem(request.status, request.response));
    };
    request.send(body);
  });
}
