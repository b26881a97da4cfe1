import "i18next";
import type admin from "./admin.en.json";
import type crowds from "./crowds.en.json";
import type dev from "./dev.en.json";
import type en from "./en.json";
import type engage from "./engage.en.json";
import type insight from "./insight.en.json";
import type site from "./site.en.json";
import type widget from "./widget.en.json";

declare module "i18next" {
  interface CustomTypeOptions { defaultNS: "translation"; resources: { translation: typeof en & typeof admin & typeof site & typeof engage & typeof dev & typeof insight & typeof crowds & typeof widget } }
}
