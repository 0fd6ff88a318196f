import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useContext, useMemo } from "react";
import { useNavigate } from "react-router";
import { answer, api, thumbnailUrl } from "../../api/client";
import { pickCategory } from "../../editor/acts";
import type { Command, PageActions, PaletteList } from "../../editor/commands";
import { runCommand } from "../../editor/run-command";
import { keys } from "../queries";
import { plural } from "../shared/format";
import { persisted } from "../shared/persisted";
import { StateDot } from "../shared/states";
import { useSignal } from "../shared/useSignal";
import classes from "./CommandPalette.module.css";
import { commands, keyFor } from "./commands";
import { EditorContext } from "./context";
import { type Searchable, search } from "./search";

/** A line of the palette. */
export interface PaletteEntry extends Searchable {
  readonly section?: string;
  readonly keys?: readonly string[];
  readonly note?: string;
  readonly mark?: ReactNode;
  /** The list that it leads to, instead of an end. */
  readonly opens?: PaletteList;
  readonly run: () => void;
}

const RECENT = 6;
const IMAGES = 30;
const OPENS: Readonly<Record<string, PaletteList>> = {
  "go-to-image": "images",
  "pick-category": "categories",
  "take-tool": "tools",
};

const isIds = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((id) => typeof id === "string");
const recentCommands = persisted<readonly string[]>("segmentarium.recent-commands", [], isIds);

function remember(id: string): void {
  const others = recentCommands.get().filter((other) => other !== id);
  recentCommands.set([id, ...others].slice(0, RECENT));
}

/** Commands of digits are left out: the categories themselves are listed. */
const isListed = ({ id }: Command) => id !== "palette" && !/^category-\d$/.test(id);

function inSections(entries: readonly PaletteEntry[], recent: readonly string[]): PaletteEntry[] {
  const first = recent.flatMap((id) => entries.find((entry) => entry.id === id) ?? []);
  const others = entries.filter(({ id }) => !recent.includes(id));
  const sections = new Set(["Find", ...others.map(({ section }) => section)]);
  return [
    ...first.map((entry) => ({ ...entry, section: "Recent" })),
    ...[...sections].flatMap((section) => others.filter((entry) => entry.section === section)),
  ];
}

function withoutSection({ section: _, ...entry }: PaletteEntry): PaletteEntry {
  return entry;
}

function useCategoryEntries(): PaletteEntry[] {
  const editor = useContext(EditorContext);
  const categories = editor?.categories.get() ?? [];
  return categories.map(({ id, name, color, hotkey }) => ({
    id: `category ${id}`,
    title: name,
    words: "category pick",
    keys: [keyFor(`category-${hotkey}`)].filter(Boolean),
    mark: <span className={classes.swatch} style={{ background: color }} />,
    run: () => editor && pickCategory(editor, id),
  }));
}

function useImageEntries(projectId: number, query: string, isWanted: boolean) {
  const navigate = useNavigate();
  const [q] = useDebouncedValue(query, 150);
  const found = useQuery({
    queryKey: [...keys.images(projectId), "named", q],
    enabled: isWanted,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const { items } = await answer(
        api.GET("/api/projects/{project_id}/images", {
          params: {
            path: { project_id: projectId },
            query: { limit: IMAGES, ...(q ? { q } : {}) },
          },
        }),
      );
      return items;
    },
  });
  const entries = (found.data ?? []).map(
    (image): PaletteEntry => ({
      id: `image ${image.id}`,
      title: image.name,
      note: plural(image.annotation_count, "annotation"),
      mark: (
        <>
          <img src={thumbnailUrl(image)} alt="" />
          <StateDot state={image.state} />
        </>
      ),
      run: () => void navigate(`/projects/${projectId}/images/${image.id}`),
    }),
  );
  return { entries, isLoading: found.isPending };
}

/** What the palette lists now, the best first. */
export function usePaletteEntries(
  list: PaletteList,
  query: string,
  page: PageActions,
  projectId: number,
): { entries: readonly PaletteEntry[]; isLoading: boolean } {
  const editor = useContext(EditorContext);
  const recent = useSignal(recentCommands);
  const images = useImageEntries(projectId, query, list === "images");
  const categories = useCategoryEntries();
  const all = useSignal(commands);
  const ofCommands = useMemo(
    () =>
      all.filter(isListed).map((command): PaletteEntry => {
        const { id, title, group, keys } = command;
        const opens = OPENS[id];
        return {
          id,
          title,
          section: opens ? "Find" : group,
          words: `${group} ${id.startsWith("tool-") ? "tool take" : ""}`,
          keys,
          ...(opens ? { opens } : {}),
          run: () => {
            remember(id);
            if (editor && !opens) runCommand(command, editor, page);
          },
        };
      }),
    [all, editor, page],
  );
  if (list === "images") return images;
  if (list === "commands") {
    const entries = query
      ? search([...ofCommands, ...categories], query, recent).map(withoutSection)
      : inSections(ofCommands, recent);
    return { entries, isLoading: false };
  }
  const few =
    list === "categories"
      ? categories
      : ofCommands.filter(({ id }) => id.startsWith("tool-")).map(withoutSection);
  return { entries: query ? search(few, query) : few, isLoading: false };
}
