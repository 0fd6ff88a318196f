import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { answer, api, type Session } from "../../api/client";
import { onHope } from "../app/hope";
import { Logo } from "../app/Logo";
import { isSignedOut } from "../app/session";
import { keys } from "../queries";
import { Message } from "../shared/Message";
import classes from "./SignedOut.module.css";

export function NewLink() {
  return (
    <>
      On the computer that runs the server, <code>segmentarium user sign-in-url</code> prints a new
      one.
    </>
  );
}

/** Over the page, which stays as it is: who signs in again in another tab goes on where they were. */
export function SignedOut() {
  const client = useQueryClient();
  const goOn = useCallback(async () => {
    const session = await answer(api.GET("/api/session")).catch(() => null);
    if (!session) return;
    const before = client.getQueryData<Session>(keys.session);
    if (before?.id !== session.id || before.instance !== session.instance) {
      // Somebody else: nothing of what is open is theirs.
      window.location.reload();
      return;
    }
    isSignedOut.set(false);
    // What waits may go now.
    window.dispatchEvent(new Event("online"));
  }, [client]);
  useEffect(() => onHope(() => void goOn()), [goOn]);
  return (
    <div className={classes.layer} role="alertdialog" aria-label="You are signed out">
      <Message
        icon={<Logo size={32} />}
        title="You are signed out"
        action={
          <Button size="xs" variant="default" onClick={() => void goOn()}>
            I am signed in again
          </Button>
        }
      >
        Open a sign-in link in another tab, and go on here where you were. <NewLink /> What you drew
        and was not sent yet is kept in this browser.
      </Message>
    </div>
  );
}
