/** Somebody's text as text, with its web addresses as links. Never markup. */
import { Fragment, useMemo } from "react";
import { linked, safe } from "./links";

export function LinkedText({ text }: { text: string }) {
  const pieces = useMemo(() => linked(text), [text]);
  return <>{pieces.map((piece, index) => (piece.href === null ? <Fragment key={index}>{piece.text}</Fragment> : <OutLink key={index} href={piece.href}>{piece.text}</OutLink>))}</>;
}

/** A link that somebody else chose: only http(s), no opener, no referrer, no endorsement. */
export function OutLink({ href, children, className, title }: { href: string; children: React.ReactNode; className?: string; title?: string }) {
  const address = safe(href);
  if (!address) return <span className={className} title={title}>{children}</span>;
  return <a className={className} title={title} href={address} target="_blank" rel="noopener noreferrer nofollow ugc">{children}</a>;
}
