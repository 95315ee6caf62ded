;; The inside of a JSON string, 16 bytes at a time: escape.ts has this module as base64, and a test that it is this one.
;; UTF-8 in at 0 (64 KiB and the 16 bytes a load may read beyond), JSON out at 65552 (at most six times as much).
(module
  (memory (export "memory") 8)
  ;; RFC 8259 §7: the letter after the backslash for each byte that has one, up to 0x5c; 0 where it takes \u00XX.
  (data (i32.const 524160) "\00\00\00\00\00\00\00\00btn\00fr")
  (data (i32.const 524194) "\22")
  (data (i32.const 524252) "\5c")

  ;; Escapes the bytes from 0 to $end and returns where the output ends.
  (func (export "escape") (param $end i32) (result i32)
    (local $from i32) (local $to i32) (local $clean i32) (local $byte i32) (local $letter i32)
    (local $block v128) (local $second v128) (local $third v128) (local $fourth v128)
    (local $space v128) (local $quote v128) (local $backslash v128)
    (local.set $space (i8x16.splat (i32.const 0x20)))
    (local.set $quote (i8x16.splat (i32.const 0x22)))
    (local.set $backslash (i8x16.splat (i32.const 0x5c)))
    (local.set $to (i32.const 65552))
    (block $done
      (loop $clean64
        ;; four blocks at once, as long as nothing in them must be escaped
        (block $special
          (loop $next64
            (br_if $special (i32.gt_u (i32.add (local.get $from) (i32.const 64)) (local.get $end)))
            (local.set $block (v128.load (local.get $from)))
            (local.set $second (v128.load offset=16 (local.get $from)))
            (local.set $third (v128.load offset=32 (local.get $from)))
            (local.set $fourth (v128.load offset=48 (local.get $from)))
            (br_if $special
              (v128.any_true
                (v128.or
                  (v128.or
                    (v128.or
                (i8x16.lt_u (local.get $block) (local.get $space))
                (v128.or
                  (i8x16.eq (local.get $block) (local.get $quote))
                  (i8x16.eq (local.get $block) (local.get $backslash))))
                    (v128.or
                (i8x16.lt_u (local.get $second) (local.get $space))
                (v128.or
                  (i8x16.eq (local.get $second) (local.get $quote))
                  (i8x16.eq (local.get $second) (local.get $backslash)))))
                  (v128.or
                    (v128.or
                (i8x16.lt_u (local.get $third) (local.get $space))
                (v128.or
                  (i8x16.eq (local.get $third) (local.get $quote))
                  (i8x16.eq (local.get $third) (local.get $backslash))))
                    (v128.or
                (i8x16.lt_u (local.get $fourth) (local.get $space))
                (v128.or
                  (i8x16.eq (local.get $fourth) (local.get $quote))
                  (i8x16.eq (local.get $fourth) (local.get $backslash))))))))
            (v128.store (local.get $to) (local.get $block))
            (v128.store offset=16 (local.get $to) (local.get $second))
            (v128.store offset=32 (local.get $to) (local.get $third))
            (v128.store offset=48 (local.get $to) (local.get $fourth))
            (local.set $from (i32.add (local.get $from) (i32.const 64)))
            (local.set $to (i32.add (local.get $to) (i32.const 64)))
            (br $next64)))
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $block (v128.load (local.get $from)))
        (v128.store (local.get $to) (local.get $block))
        ;; how many bytes stand before the first that must be escaped
        (local.set $clean
          (i32.ctz
            (i32.or
              (i32.const 0x10000)
              (i8x16.bitmask
                (v128.or
                (i8x16.lt_u (local.get $block) (local.get $space))
                (v128.or
                  (i8x16.eq (local.get $block) (local.get $quote))
                  (i8x16.eq (local.get $block) (local.get $backslash))))))))
        (local.set $from (i32.add (local.get $from) (local.get $clean)))
        (local.set $to (i32.add (local.get $to) (local.get $clean)))
        (br_if $clean64 (i32.eq (local.get $clean) (i32.const 16)))
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))

        (local.set $byte (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $letter (i32.load8_u offset=524160 (local.get $byte)))
        (i32.store8 (local.get $to) (i32.const 0x5c))
        (if (local.get $letter)
          (then
            (i32.store8 offset=1 (local.get $to) (local.get $letter))
            (local.set $to (i32.add (local.get $to) (i32.const 2))))
          (else
            ;; 'u000' or 'u001', then the last hexadecimal digit
            (i32.store offset=1 (local.get $to)
              (i32.add (i32.const 0x30303075) (i32.shl (i32.shr_u (local.get $byte) (i32.const 4)) (i32.const 24))))
            (local.set $byte (i32.and (local.get $byte) (i32.const 15)))
            (i32.store8 offset=5 (local.get $to)
              (i32.add (local.get $byte)
                (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $byte) (i32.const 10)))))
            (local.set $to (i32.add (local.get $to) (i32.const 6)))))
        (br $next))))
    ;; the last block may have reached beyond the end
    (i32.sub (local.get $to) (i32.sub (local.get $from) (local.get $end)))))
