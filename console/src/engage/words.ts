/** What facts and comparisons are called; what this console has no word for is shown by its name. */
import { useTranslation } from "react-i18next";

export interface EngageWords { fact: (name: string) => string; operator: (name: string) => string }

export function useWords(): EngageWords {
  const { t, i18n } = useTranslation();
  return {
    fact: (name) => {
      const key = name.replace(".", "_");
      return i18n.exists(`fact.${key}`) ? t(`fact.${key as "page_path"}`) : name;
    },
    operator: (name) => (i18n.exists(`promo.is_${name}`) ? t(`promo.is_${name as "equals"}`) : name),
  };
}
