/** Numbers that grow in number: a million of them are not a million objects. */
class Numbers {
  #values = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  toArray(): Float64Array {
    return this.#values.slice(0, this.length);
  }
}

/** A row of a track. Slices in one row lie in each other or beside each other: viewers demand it. */
export interface Lane {
  readonly process: number;
  readonly name: string;
}

/** Slices of tracks, each of which gets a row in which no other slice lies at its time. */
export class Lanes {
  readonly #tracks = new Map<string, number>();
  readonly #ofTrack: Lane[] = [];
  readonly #track = new Numbers();
  readonly #from = new Numbers();
  readonly #to = new Numbers();

  /** Takes the next slice; times in microseconds. */
  add(process: number, name: string, fromUs: number, toUs: number): void {
    const key = `${process} ${name}`;
    let track = this.#tracks.get(key);
    if (track === undefined) {
      track = this.#tracks.size;
      this.#tracks.set(key, track);
      this.#ofTrack.push({ process, name });
    }
    this.#track.push(track);
    this.#from.push(fromUs);
    this.#to.push(toUs);
  }

  /** The row of each slice, in the order they were added, and the rows. */
  settled(): { readonly laneOf: Int32Array; readonly lanes: readonly Lane[] } {
    const count = this.#track.length;
    const laneOf = new Int32Array(count);
    const order = Uint32Array.from({ length: count }, (_, at) => at);
    order.sort((a, b) => this.#track.at(a) - this.#track.at(b) || this.#from.at(a) - this.#from.at(b));
    const lanes: Lane[] = [];
    let first = 0;
    let ends: number[] = [];
    for (const [place, slice] of order.entries()) {
      const track = this.#track.at(slice);
      if (place === 0 || track !== this.#track.at(order[place - 1]!)) {
        first = lanes.length;
        ends = [];
      }
      let row = ends.findIndex((end) => end <= this.#from.at(slice));
      if (row === -1) {
        row = ends.length;
        const { process, name } = this.#ofTrack[track]!;
        lanes.push({ process, name: row === 0 ? name : `${name} (${row + 1})` });
      }
      ends[row] = this.#to.at(slice);
      laneOf[slice] = first + row;
    }
    return { laneOf, lanes };
  }
}

/** How many spans are open, over time. */
export class Level {
  readonly #starts = new Numbers();
  readonly #ends = new Numbers();

  add(fromUs: number, toUs: number): void {
    this.#starts.push(fromUs);
    this.#ends.push(toUs);
  }

  /** Times at which the level changes, and the level from then on: at most `most`, the highest level of each stretch. */
  *changes(most: number): Generator<readonly [atUs: number, level: number]> {
    const starts = this.#starts.toArray().sort();
    const ends = this.#ends.toArray().sort();
    if (starts.length === 0) return;
    const stretchUs = 2 * starts.length <= most ? 0 : (ends.at(-1)! - starts[0]!) / most;
    let level = 0;
    let ended = 0;
    let started = 0;
    while (ended < ends.length) {
      const atUs = Math.min(starts[started] ?? Infinity, ends[ended]!);
      let highest = 0;
      while (Math.min(starts[started] ?? Infinity, ends[ended] ?? Infinity) <= atUs + stretchUs) {
        // What ends at a moment makes room for what begins then.
        if ((ends[ended] ?? Infinity) <= (starts[started] ?? Infinity)) {
          level--;
          ended++;
        } else {
          level++;
          started++;
        }
        highest = Math.max(highest, level);
      }
      yield [atUs, stretchUs === 0 ? level : highest];
    }
    if (stretchUs > 0) yield [ends.at(-1)!, 0];
  }
}
