import { notifications } from "@mantine/notifications";
import { describeError } from "../../api/problems";

export function notifyError(title: string, error: unknown): void {
  notifications.show({ color: "red", title, message: describeError(error) });
}

export function notifyInfo(title: string, message: string): void {
  notifications.show({ color: "mint", title, message, autoClose: 5000 });
}
