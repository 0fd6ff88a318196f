import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useLocation, useNavigate } from "react-router";
import { answer, api } from "../../api/client";
import { describeError, ProblemError } from "../../api/problems";
import { Logo } from "../app/Logo";
import { keys } from "../queries";
import { Loading } from "../shared/Loading";
import { Message } from "../shared/Message";
import { NewLink } from "./SignedOut";

/** Trades the one-time token of the link for a session. */
export function SignIn() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const token = useLocation().hash.slice(1);
  const { mutate, error, isError } = useMutation({
    mutationFn: (body: { token: string }) => answer(api.POST("/api/session", { body })),
    meta: { isSignIn: true },
    onSuccess: (session) => {
      // Another user may have been signed in before.
      client.clear();
      client.setQueryData(keys.session, session);
      return navigate("/", { replace: true });
    },
  });
  const sent = useRef("");
  useEffect(() => {
    if (!token || sent.current === token) return;
    sent.current = token;
    // The token works once; it should not stay in the browser's history either.
    window.history.replaceState(window.history.state, "", "/sign-in");
    mutate({ token });
  }, [token, mutate]);

  if (isError && !(error instanceof ProblemError && error.status < 500)) {
    return <Message title="The server does not answer">{describeError(error)}</Message>;
  }
  if (isError || (!token && sent.current === "")) {
    return (
      <Message icon={<Logo size={32} />} title="This sign-in link does not work">
        A link works once, and only for a while: this one was used before, is too old, or was not
        copied whole. <NewLink />
      </Message>
    );
  }
  return <Loading />;
}
