import type { FlameNode } from '../model/flame.ts';
import { shortened } from './label-painter.ts';
import { colourOfClass } from './lane-painter.ts';
import type { Look, Pen } from './pen.ts';

/** Pixels of a frame. */
export const FRAME = 20;

/** Where a frame is in the picture, in pixels. */
export interface FlameBox {
  readonly node: FlameNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A frame that is narrower is not drawn: those below it are narrower still. */
const NARROWEST = 0.5;

/** The boxes of a flame graph whose `focus` is as wide as the picture: what leads to it is above, the root first. */
export function boxesOf(root: FlameNode, focus: FlameNode, width: number): readonly FlameBox[] {
  const boxes: FlameBox[] = [];
  const perUs = focus.us > 0 ? width / focus.us : 0;
  const [left, right] = [focus.fromUs, focus.fromUs + focus.us];
  const visit = (node: FlameNode): void => {
    const from = Math.max(node.fromUs, left);
    const to = Math.min(node.fromUs + node.us, right);
    const wide = (to - from) * perUs;
    if (to <= from || wide < NARROWEST) return;
    boxes.push({ node, x: (from - left) * perUs, y: node.depth * FRAME, width: wide });
    for (const child of node.children) visit(child);
  };
  visit(root);
  return boxes;
}

/** Paints boxes: the program's own code is marked, leaves have the colour of what the thread did. */
export function paintFlame(pen: Pen, boxes: readonly FlameBox[], chosen: FlameNode | null, look: Look): void {
  pen.font = look.font;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  for (const { node, x, y, width } of boxes) {
    const { leaf, isOwn, depth } = node;
    pen.fillStyle = leaf === null ? look.raised : colourOfClass(leaf, look);
    pen.globalAlpha = leaf === null ? 1 : 0.85;
    pen.fillRect(x, y, Math.max(1, width - 1), leaf === null ? FRAME - 1 : 4);
    pen.globalAlpha = 1;
    if (isOwn) {
      pen.fillStyle = look.accent;
      pen.fillRect(x, y, Math.min(3, width), FRAME - 1);
    }
    if (node === chosen) {
      pen.strokeStyle = look.accent;
      pen.lineWidth = 2;
      pen.strokeRect(x + 1, y + 1, Math.max(1, width - 3), FRAME - 3);
    }
    if (width < 24) continue;
    pen.fillStyle = isOwn || depth === 0 ? look.ink : look.quiet;
    pen.fillText(
      shortened(pen, textOf(node), width - 10),
      x + (isOwn ? 7 : 5),
      y + FRAME / 2 + (leaf === null ? 0 : 2),
    );
  }
}

function textOf({ name, place, leaf }: FlameNode): string {
  if (leaf !== null) return `waits: ${name}`;
  return place === '' ? name : `${name}  ${place}`;
}

/** The box at a point. */
export function boxAt(boxes: readonly FlameBox[], x: number, y: number): FlameBox | null {
  return boxes.find((box) => y >= box.y && y < box.y + FRAME && x >= box.x && x < box.x + box.width) ?? null;
}
