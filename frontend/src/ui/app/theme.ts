import {
  ActionIcon,
  Button,
  createTheme,
  type MantineColorsTuple,
  Menu,
  Modal,
  Popover,
  Select,
  Textarea,
  TextInput,
  Tooltip,
} from "@mantine/core";

/** Near-black slate: 0 is text, 7 the page, 9 the deepest. */
const slate: MantineColorsTuple = [
  "#e4e8ee",
  "#b6becb",
  "#8b95a5",
  "#5d6776",
  "#2b323d",
  "#20262f",
  "#171b22",
  "#0f1217",
  "#0b0d11",
  "#07080b",
];

/** The one accent. */
const mint: MantineColorsTuple = [
  "#e6fbf5",
  "#cdf5e8",
  "#a3ecd6",
  "#7ae2c4",
  "#5ad1b3",
  "#43bd9f",
  "#34a288",
  "#27836e",
  "#1b6455",
  "#0f463b",
];

export const theme = createTheme({
  colors: { dark: slate, mint },
  primaryColor: "mint",
  primaryShade: 4,
  autoContrast: true,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'JetBrains Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  defaultRadius: 6,
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray", size: 28 } }),
    Button: Button.extend({ defaultProps: { size: "xs" } }),
    Menu: Menu.extend({ defaultProps: { shadow: "lg", withinPortal: true } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        radius: 10,
        overlayProps: { backgroundOpacity: 0.6, blur: 2 },
        transitionProps: { duration: 120 },
        closeButtonProps: { "aria-label": "Close" },
      },
    }),
    Popover: Popover.extend({ defaultProps: { shadow: "lg" } }),
    Select: Select.extend({ defaultProps: { size: "xs" } }),
    TextInput: TextInput.extend({ defaultProps: { size: "xs" } }),
    Textarea: Textarea.extend({ defaultProps: { size: "xs" } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 350, withArrow: false, offset: 8, fz: 12 },
    }),
  },
});
