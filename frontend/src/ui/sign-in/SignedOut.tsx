import { Logo } from "../app/Logo";
import { Message } from "../shared/Message";

export function NewLink() {
  return (
    <>
      On the computer that runs the server, <code>segmentarium user sign-in-url</code> prints a new
      one.
    </>
  );
}

export function SignedOut() {
  return (
    <Message icon={<Logo size={32} />} title="You are signed out">
      Open a sign-in link to go on. <NewLink /> What you drew and was not sent yet is kept in this
      browser.
    </Message>
  );
}
