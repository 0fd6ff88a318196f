import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { Message } from "../shared/Message";

export function NotFound({ what = "page" }: { what?: string }) {
  return (
    <Message title={`There is no such ${what}`}>
      It may have been deleted, or the address is wrong.{" "}
      <Anchor component={Link} to="/" fz="inherit">
        To the projects
      </Anchor>
    </Message>
  );
}
