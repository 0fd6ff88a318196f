import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Outbox } from "../../editor/outbox";
import { Signal } from "../../editor/signal";
import type { StateSetting, WorkState } from "../../editor/state-journal";
import type { StateOutbox } from "../../editor/state-outbox";
import { useSession } from "../queries";
import { onHope } from "./hope";
import { outboxOf } from "./outbox";
import { isAnyOutlineUnkept } from "./outlines";
import { showStored, statesOf } from "./states";

const BETWEEN_TRIES_MS = 30_000;

/** What this browser keeps until the server has it. */
export interface Sending {
  readonly outbox: Outbox;
  readonly states: StateOutbox;
}

/** That of who is signed in; null while it is opened. */
export const SendingContext = createContext<Sending | null>(null);

export function useOutbox(): Outbox | null {
  return useContext(SendingContext)?.outbox ?? null;
}

export function useStates(): StateOutbox | null {
  return useContext(SendingContext)?.states ?? null;
}

const NOTHING = new Signal<ReadonlyMap<number, StateSetting>>(new Map());

/** The states that the server has not confirmed, by image. */
export function useWaitingStates(): ReadonlyMap<number, StateSetting> {
  const { subscribe, get } = useStates()?.journal.waiting ?? NOTHING;
  return useSyncExternalStore(subscribe, get);
}

/** The same for one image; null: there is none. */
export function useWaitingState(imageId: number | undefined): WorkState | null {
  const { subscribe, get } = useStates()?.journal.waiting ?? NOTHING;
  return useSyncExternalStore(subscribe, () => get().get(imageId ?? 0)?.state ?? null);
}

export function useOpened(): Sending | null {
  const { data: session } = useSession();
  const [opened, setOpened] = useState<Sending | null>(null);
  useEffect(() => {
    if (!session) return;
    let isGone = false;
    void Promise.all([outboxOf(session), statesOf(session)]).then(([outbox, states]) => {
      if (!isGone) setOpened({ outbox, states });
    });
    return () => {
      isGone = true;
      setOpened(null);
    };
  }, [session]);
  return opened;
}

/** Send what is left, now and whenever there is hope; and ask before the page is closed over what only it holds. */
export function useSending(sending: Sending | null): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!sending) return;
    const { outbox, states } = sending;
    const flush = () => {
      void outbox.flush();
      states.flush();
    };
    const retry = () => {
      void outbox.flush();
      states.retryNow();
    };
    const guard = (event: BeforeUnloadEvent) => {
      const unkept = outbox.journal.unkept.get() + states.journal.unkept.get();
      if (unkept > 0 || isAnyOutlineUnkept()) event.preventDefault();
    };
    const stops = [
      states.followEdits(outbox.journal.counts),
      states.stored.subscribe((setting) => setting && showStored(client, setting)),
      onHope(retry),
    ];
    flush();
    const timer = setInterval(flush, BETWEEN_TRIES_MS);
    window.addEventListener("beforeunload", guard);
    return () => {
      for (const stop of stops) stop();
      clearInterval(timer);
      window.removeEventListener("beforeunload", guard);
    };
  }, [sending, client]);
}
