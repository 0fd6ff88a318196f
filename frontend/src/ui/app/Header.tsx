import { ActionIcon, Menu } from "@mantine/core";
import { IconLogout, IconUserCircle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { answer, api } from "../../api/client";
import { useSession } from "../queries";
import classes from "./Header.module.css";
import { Logo } from "./Logo";
import { hasLeft, isSignedOut } from "./session";
import { WaitingEdits } from "./WaitingEdits";

/** The bar over every page but the editor. */
export function Header({ children }: { children?: ReactNode }) {
  const session = useSession();
  const signOut = useMutation({
    mutationFn: () => answer(api.DELETE("/api/session")),
    onSuccess: () => {
      hasLeft.set(true);
      isSignedOut.set(true);
    },
  });
  return (
    <header className={classes.header}>
      <Link to="/" className={classes.brand} aria-label="Segmentarium, all projects">
        <Logo />
        <span>Segmentarium</span>
      </Link>
      <div className={classes.middle}>{children}</div>
      <WaitingEdits />
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="Account">
            <IconUserCircle size={18} stroke={1.6} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{session.data?.name ?? "Account"}</Menu.Label>
          <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => signOut.mutate()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </header>
  );
}
