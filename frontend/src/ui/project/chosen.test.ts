import { expect, test } from "vitest";
import { chosenFiles, droppedFiles, isDataset } from "./chosen";

const picture = new File(["a"], "cat.jpg");
const document_ = new File(["{}"], "instances.json");

function fileEntry(file: File, fullPath: string): FileSystemEntry {
  return {
    isFile: true,
    fullPath,
    file: (resolve: (file: File) => void) => resolve(file),
  } as unknown as FileSystemEntry;
}

function folderEntry(fullPath: string, batches: FileSystemEntry[][]): FileSystemEntry {
  const left = [...batches, []];
  return {
    isFile: false,
    fullPath,
    createReader: () => ({
      readEntries: (resolve: (entries: FileSystemEntry[]) => void) => resolve(left.shift() ?? []),
    }),
  } as unknown as FileSystemEntry;
}

function transfer(...entries: FileSystemEntry[]): DataTransfer {
  const items = entries.map((entry) => ({ kind: "file", webkitGetAsEntry: () => entry }));
  return { items, files: [] } as unknown as DataTransfer;
}

test("pictures alone are no dataset", () => {
  expect(isDataset(chosenFiles([picture]))).toBe(false);
});

test.each(["set.zip", "set.tar.gz", "SET.TGZ", "a.json", "a.XML", "data.yaml"])(
  "%s is a dataset",
  (name) => {
    expect(isDataset(chosenFiles([picture, new File([""], name)]))).toBe(true);
  },
);

test("a folder that is dropped gives all its files with their paths", async () => {
  const deep = folderEntry("/set/images", [
    [fileEntry(picture, "/set/images/cat.jpg")],
    [fileEntry(picture, "/set/images/dog.jpg")],
  ]);
  const found = await droppedFiles(
    transfer(folderEntry("/set", [[fileEntry(document_, "/set/instances.json"), deep]])),
  );
  expect(found.map(({ path }) => path)).toEqual([
    "set/instances.json",
    "set/images/cat.jpg",
    "set/images/dog.jpg",
  ]);
});
