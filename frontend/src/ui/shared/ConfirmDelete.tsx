import { Button, Group, Modal, Text, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** What must be typed; null: a click is enough. */
  readonly typed: string | null;
  readonly children: ReactNode;
  readonly isPending: boolean;
  readonly onConfirm: () => void;
}

/** What cannot be undone is asked for; what holds much work, by its name. */
export function ConfirmDelete(props: Props) {
  const { opened, onClose, title, typed, children, isPending, onConfirm } = props;
  const [text, setText] = useState("");
  const isConfirmed = typed === null || text.trim() === typed;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isConfirmed) onConfirm();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={title} size={420}>
      <form onSubmit={submit}>
        <Text c="var(--text-dim)" mb={16}>
          {children}
        </Text>
        {typed !== null && (
          <TextInput
            label={`Type “${typed}” to confirm`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-autofocus
            mb={16}
          />
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button color="red.6" type="submit" disabled={!isConfirmed} loading={isPending}>
            Delete
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
