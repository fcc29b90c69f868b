/** Which page the address means. The address is behind `#`, so the daemon serves one document. */
import { useEffect, useState } from 'hono/jsx/dom';
import { type Place, toPlace } from './place.ts';

export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    follow();
    return () => removeEventListener('hashchange', follow);
  }, []);
  return toPlace(hash);
}

export function goTo(path: string): void {
  location.hash = path;
}
