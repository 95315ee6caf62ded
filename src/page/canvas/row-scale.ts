/** Where rows are in a picture: `count` rows of `rowHeight` pixels, of which `height` pixels from `top` on are visible. */
export class RowScale {
  readonly count: number;
  readonly rowHeight: number;
  readonly top: number;
  readonly height: number;

  constructor(count: number, rowHeight: number, top: number, height: number) {
    this.count = count;
    this.rowHeight = rowHeight;
    this.height = height;
    this.top = Math.max(0, Math.min(top, count * rowHeight - height));
  }

  /** The upper edge of a row, in pixels of the picture. */
  y(row: number): number {
    return row * this.rowHeight - this.top;
  }

  /** The row at a pixel, which may be beyond the last one. */
  rowAt(y: number): number {
    return Math.floor((y + this.top) / this.rowHeight);
  }

  /** The first visible row, and the one after the last. */
  get first(): number {
    return Math.max(0, Math.min(this.count, this.rowAt(0)));
  }

  get after(): number {
    return Math.max(0, Math.min(this.count, Math.ceil((this.height + this.top) / this.rowHeight)));
  }

  /** Rows `factor` times as high, so that what is at pixel `y` stays there. */
  zoomed(factor: number, y: number, least: number, most: number): RowScale {
    const rowHeight = Math.max(least, Math.min(most, this.rowHeight * factor));
    const top = ((this.top + y) / this.rowHeight) * rowHeight - y;
    return new RowScale(this.count, rowHeight, top, this.height);
  }

  /** Moved so that a row is visible. */
  showing(row: number): RowScale {
    const y = this.y(row);
    const top = y < 0 ? this.top + y : Math.max(this.top, this.top + y + this.rowHeight - this.height);
    return new RowScale(this.count, this.rowHeight, top, this.height);
  }
}
