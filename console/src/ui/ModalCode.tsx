/** What ui/Modal.tsx loads. */
export { Modal as default } from "@mantine/core";
