import type { Job, UploadAnswer } from "./client";
import { parseProblem, Unreachable } from "./problems";

/** A file with the path that it has in the folder it was chosen with. */
export interface ChosenFile {
  readonly file: File;
  readonly path: string;
}

/** What an import reads, and how; `sourceJob` is an earlier one, whose files are read again. */
export interface ImportRequest {
  readonly files: readonly ChosenFile[];
  readonly sourceJob: number | null;
  readonly format: string;
  readonly isDryRun: boolean;
  readonly isStrict: boolean;
}

/**
 * Send files and tell how far it is.
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
  return send<UploadAnswer>(`/api/projects/${projectId}/images`, body, 200, onProgress);
}

/** Start an import; its job. Once `signal` is aborted nothing more is sent, and it throws an AbortError. */
export function startImport(
  projectId: number,
  request: ImportRequest,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<Job> {
  const body = new FormData();
  if (request.sourceJob !== null) body.append("source_job", String(request.sourceJob));
  else for (const { file, path } of request.files) body.append("files", file, path);
  body.append("format", request.format);
  body.append("is_dry_run", String(request.isDryRun));
  body.append("is_strict", String(request.isStrict));
  return send<Job>(`/api/projects/${projectId}/imports`, body, 202, onProgress, signal);
}

/** XMLHttpRequest, since fetch tells no progress of what is sent. */
function send<Answer>(
  url: string,
  body: FormData,
  expected: number,
  onProgress: (part: number) => void,
  signal?: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    signal?.addEventListener("abort", () => request.abort());
    request.open("POST", url);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onerror = () => reject(new Unreachable("The server does not answer."));
    request.onabort = () => reject(new DOMException("No longer wanted.", "AbortError"));
    request.onload = () => {
      if (request.status === expected) resolve(request.response as Answer);
      else reject(parseProblem(request.status, request.response));
    };
    request.send(body);
  });
}
