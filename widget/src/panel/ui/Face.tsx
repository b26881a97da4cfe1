import { useState } from 'preact/hooks';

/** Somebody's photo, or the first letter of the name. */
export function Face({ name, photo, size = 'large' }: { name: string; photo?: string | null | undefined; size?: 'large' | 'small' }) {
  const [broken, setBroken] = useState('');
  const shown = photo && broken !== photo && /^https?:/.test(photo);
  return (
    <span class={'face ' + size} aria-hidden="true">
      {shown ? <img src={photo} alt="" onError={() => setBroken(photo)} /> : ([...name.trim()][0]?.toUpperCase() ?? '')}
    </span>
  );
}
