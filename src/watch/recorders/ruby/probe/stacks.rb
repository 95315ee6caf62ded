# Stacks, as the trace has them.
module AbreastProbe
  MAX_FRAMES = 60
  MAX_STACKS = 5000

  class << self
    # The id of the stack of the thread that calls, followed by the stack `above`, where its work was handed over.
    def stack_here(above = nil)
      stack_of(frames_of(caller_locations(1, 2 * MAX_FRAMES)), above)
    end

    def stack_of(frames, above = nil)
      key = [above, frames]
      known = @stacks[key]
      return known if known
      return nil if @stacks.size >= MAX_STACKS
      all = (frames + (above ? @stack_frames[above] : [])).first(MAX_FRAMES)
      return nil if all.empty?
      number = @stacks[key] = @stacks.size + 1
      @stack_frames[number] = all
      @trace.write(line_of('stack', 'id' => number, 'frames' => all.map { |frame| described(frame) }))
      number
    end

    # [function, file, line, class of self], leaf first, without the recorder's own. A method in C has no file: its frame
    # says where it was called. Where that is in the recorder, the place of the recorder's caller is used.
    def frames_of(locations)
      frames = []
      leaf = nil
      (locations || []).each do |location|
        path = location.path
        if path == FILE
          leaf ||= location if frames.empty?
        else
          file = location.absolute_path || path
          if leaf
            frames << [leaf.base_label, file, location.lineno, nil] if REPLACED.include?(leaf.base_label)
            leaf = nil
          end
          frames << [location.base_label, file, location.lineno, owner_of(location)]
        end
        break if frames.size >= MAX_FRAMES
      end
      frames
    end

    # Ruby 3.4 says 'Net::HTTP#request'.
    def owner_of(location)
      location.label[/([A-Z][\w:]*)[#.][^#.]+\z/, 1]
    end

    def described(frame)
      function, file, line, owner = frame
      fields = { 'function' => function, 'file' => text_of(file), 'line' => [line, 1].max }
      fields['self'] = owner if owner
      fields
    end

    # What stacks have in common from the root, leaf first; the lines are those of the last.
    def common_frames(stacks)
      turned = stacks.map(&:reverse)
      depth = 0
      depth += 1 while turned.all? { |one| one[depth] && one[depth][0, 2] == turned[0][depth][0, 2] }
      turned.last.first(depth).reverse
    end
  end
end
