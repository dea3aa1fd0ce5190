// Makes the module that page/pack.rs packed; what the packed file looks like is written there.
const unpack = packed => {
  // After the magic number, the version, and the kind of the section.
  let at = 9;
  const number = () => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = packed[at++];
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  };
  const take = size => packed.subarray(at, at += size);
  number();
  take(number());
  const out = new Uint8Array(number());
  const head = number();
  const functions = number();
  const least = number();
  const codes = number();
  const firsts = take(codes);
  const seconds = take(codes);
  const forms = take(codes);
  const phrases = [[]];
  while (phrases.length <= codes) phrases.push([phrases.length]);
  for (let left = number(); left; left--) phrases.push([...phrases[packed[at++]], ...phrases[packed[at++]]]);
  const opcodes = new Uint8Array(number());
  const places = new Uint32Array(1 << 18);
  const sizes = [];
  let stream = 0;
  for (let left = number(); left; left--) sizes.push([stream += number(), number()]);
  out.set(take(head));
  for (const [stream, size] of sizes) {
    places[stream] = at;
    at += size;
  }
  let next = 0;
  for (let place = places[0]; next < opcodes.length;) for (const code of phrases[packed[place++]]) opcodes[next++] = code;
  next = 0;
  let to = head;
  // Sizes are written in five bytes, so that they can be filled in afterwards.
  const sized = start => {
    for (let size = to - start, place = start - 5; place < start; place++, size >>>= 7) {
      out[place] = size & 127 | (place < start - 1 ? 128 : 0);
    }
  };
  let from = 0;
  const copy = () => {
    let byte;
    do out[to++] = byte = packed[from++]; while (byte > 127);
    return byte;
  };
  // Of codes and locals, only so many tell contexts apart.
  const near = code => code < 31 ? code : 31;
  // A count is a number whose value matters here.
  const count = () => {
    const start = to;
    copy();
    let value = 0;
    for (let place = to; place > start;) value = value << 7 | out[--place] & 127;
    return value;
  };
  const body = () => {
    from = places[1];
    for (let groups = count(); groups; groups--) copy(), copy();
    places[1] = from;
    for (let depth = 1, code = 0, previous = 0, earlier = 0, last = 0; depth;) {
      earlier = previous;
      previous = code;
      code = opcodes[next++];
      out[to++] = firsts[code - 1];
      const second = seconds[code - 1];
      if (second < 255) out[to++] = second;
      const form = forms[code - 1];
      if (!(form & 15)) continue;
      let stream = code << 10;
      switch (form >> 4 & 7) {
        case 0: stream |= near(previous); break;
        case 2:
          stream |= near(opcodes[next]);
          if (forms[opcodes[next] - 1] > 127) stream |= near(opcodes[next + 1]) << 5;
          break;
        case 3:
          if ((firsts[previous - 1] & 253) === 32) stream |= near(last + 1);
          break;
        case 4: stream |= near(previous) | near(earlier) << 5;
      }
      from = places[stream];
      switch (form & 15) {
        case 2: copy();
        case 1: last = copy(); break;
        case 3: for (let left = count() + 1; left; left--) copy(); break;
        case 5: for (let left = 4; left; left--) out[to++] = packed[from++];
        case 4: for (let left = 4; left; left--) out[to++] = packed[from++]; break;
        case 6: {
          let value = least + (packed[from] | packed[from + 1] << 8 | packed[from + 2] << 16);
          from += 3;
          for (; value > 63; value >>= 7) out[to++] = value & 127 | 128;
          out[to++] = value;
          break;
        }
        case 7: copy(); depth++; break;
        case 8: depth--;
      }
      places[stream] = from;
    }
  };
  out[to++] = 10;
  const section = to += 5;
  for (let left = functions; ; left >>>= 7) {
    out[to++] = left > 127 ? left & 127 | 128 : left;
    if (left < 128) break;
  }
  for (let left = functions; left; left--) {
    const start = to += 5;
    body();
    sized(start);
  }
  sized(section);
  out.set(packed.subarray(at), to);
  return out;
};
