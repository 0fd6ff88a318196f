import { Button, Menu, Tooltip } from "@mantine/core";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import type { PageActions } from "../../editor/commands";
import { Keys } from "../shared/Keys";
import { STATE_NAMES, STATES, StateBadge, StateDot } from "../shared/states";
import { keyFor } from "./commands";
import tip from "./IconButton.module.css";
import classes from "./TopBar.module.css";
import type { ImageStates } from "./useImageStates";

const COMMANDS: Readonly<Record<string, string>> = { done: "done", skipped: "skip" };

/** The image's state of work, and the button that ends the work on it. */
export function StateControl({ states, page }: { states: ImageStates; page: PageActions }) {
  return (
    <>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <button type="button" className={classes.chip} aria-label="Image state">
            <StateBadge state={states.current} />
            <IconChevronDown size={12} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {STATE_NAMES.map((state) => {
            const key = keyFor(COMMANDS[state] ?? "");
            return (
              <Menu.Item
                key={state}
                leftSection={<StateDot state={state} />}
                rightSection={key && <Keys of={key} />}
                onClick={() => states.set(state)}
              >
                {STATES[state]}
              </Menu.Item>
            );
          })}
        </Menu.Dropdown>
      </Menu>
      <Tooltip
        label={
          <span className={tip.tip}>
            Done, and the next image
            <Keys of={keyFor("done-next")} />
          </span>
        }
      >
        <Button
          variant="light"
          className={classes.done ?? ""}
          leftSection={<IconCheck size={14} stroke={2.2} />}
          onClick={() => page.finish("done", true)}
        >
          Done
        </Button>
      </Tooltip>
    </>
  );
}
