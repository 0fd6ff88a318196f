import type { QueryClient } from "@tanstack/react-query";
import type { Image, ImageDetail, Session } from "../../api/client";
import { describeError } from "../../api/problems";
import { sendState } from "../../api/states";
import {
  openStateJournal,
  StateJournal,
  type StateSetting,
  type WorkState,
} from "../../editor/state-journal";
import { StateOutbox, type StoredState } from "../../editor/state-outbox";
import { keys } from "../queries";
import { notifyError } from "../shared/notify";
import { STATES } from "../shared/states";
import { isSignedOut } from "./session";

const outboxes = new Map<string, Promise<StateOutbox>>();

/** What the user is told of a state that was given up since somebody else had set another one. */
export function conflictWords({ image_name, state }: StateSetting, theirs: WorkState) {
  return {
    title: `Somebody else set ${image_name} to “${STATES[theirs]}”`,
    message: `It was not set to “${STATES[state]}”.`,
  };
}

async function openOutbox(name: string, userId: number): Promise<StateOutbox> {
  // That this browser keeps nothing is told once, with the journal of edits.
  const journal = await openStateJournal(name).catch(() => new StateJournal(null));
  return new StateOutbox({
    journal,
    send: async (setting) => {
      const outcome = await sendState(userId, setting);
      if (outcome.kind === "signed-out") isSignedOut.set(true);
      return outcome;
    },
    refused: ({ image_name }, detail) =>
      notifyError(`The state of ${image_name} was not changed`, new Error(detail)),
    conflict: (setting, theirs) => {
      const { title, message } = conflictWords(setting, theirs);
      notifyError(title, new Error(message));
    },
    notJournaled: (error) =>
      notifyError("Not kept on this computer", new Error(describeError(error))),
  });
}

/** The states that images are given: one outbox for each server and user, as of edits. */
export function statesOf({ instance, id }: Session): Promise<StateOutbox> {
  const name = `segmentarium-states-${instance}-${id}`;
  const outbox = outboxes.get(name) ?? openOutbox(name, id);
  outboxes.set(name, outbox);
  return outbox;
}

/** Lists of images, as they are asked for page by page. */
interface Pages {
  readonly pages: readonly { readonly items: readonly Image[] }[];
}

/** The server said what state an image has: show it wherever the image is shown, at once, and ask again for what follows from it. */
export function showStored(client: QueryClient, { image_id, project_id, state }: StoredState) {
  const renewed = <T extends Image>(image: T) =>
    image.id === image_id ? { ...image, state } : image;
  client.setQueryData<ImageDetail>(keys.image(image_id), (image) => image && renewed(image));
  client.setQueriesData<Pages>({ queryKey: keys.images(project_id) }, (data) => {
    if (!data || !("pages" in data)) return data;
    return {
      ...data,
      pages: data.pages.map((page) => ({ ...page, items: page.items.map(renewed) })),
    };
  });
  void client.invalidateQueries({ queryKey: keys.image(image_id) });
  void client.invalidateQueries({ queryKey: keys.project(project_id) });
}
