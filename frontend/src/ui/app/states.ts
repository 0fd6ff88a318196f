import type { QueryClient } from "@tanstack/react-query";
import type { Image, ImageDetail, Session } from "../../api/client";
import { describeError } from "../../api/problems";
import { sendState } from "../../api/states";
import { openStateJournal, StateJournal, type StateSetting } from "../../editor/state-journal";
import { StateOutbox } from "../../editor/state-outbox";
import { keys } from "../queries";
import { notifyError } from "../shared/notify";
import { isSignedOut } from "./session";

const outboxes = new Map<string, Promise<StateOutbox>>();

async function openOutbox(name: string): Promise<StateOutbox> {
  // That this browser keeps nothing is told once, with the journal of edits.
  const journal = await openStateJournal(name).catch(() => new StateJournal(null));
  return new StateOutbox({
    journal,
    send: async (setting) => {
      const outcome = await sendState(setting);
      if (outcome.kind === "signed-out") isSignedOut.set(true);
      return outcome;
    },
    refused: (detail) => notifyError("The state was not changed", new Error(detail)),
    notJournaled: (error) =>
      notifyError("Not kept on this computer", new Error(describeError(error))),
  });
}

/** The states that images are given: one outbox for each server and user, as of edits. */
export function statesOf({ instance, id }: Session): Promise<StateOutbox> {
  const name = `segmentarium-states-${instance}-${id}`;
  const outbox = outboxes.get(name) ?? openOutbox(name);
  outboxes.set(name, outbox);
  return outbox;
}

/** Lists of images, as they are asked for page by page. */
interface Pages {
  readonly pages: readonly { readonly items: readonly Image[] }[];
}

/** The server took a state: show it wherever the image is shown, at once, and ask again for what follows from it. */
export function showStored(client: QueryClient, { image_id, project_id, state }: StateSetting) {
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
