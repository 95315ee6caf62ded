# What the process is made of.
module AbreastProbe
  class << self
    # What this process is made of. Written when it is a second old, and at the end: the last counts.
    def write_environment
      @environment_at = now
      @trace.write(line_of('environment', 'pid' => PID.call, 'language' => 'ruby', 'version' => RUBY_VERSION,
                                          'modules' => modules, 'patches' => [], 'limits' => limits))
    rescue StandardError => error
      trouble('environment', error)
    end

    def modules
      return [] unless defined?(::Gem) && ::Gem.respond_to?(:loaded_specs)
      ::Gem.loaded_specs.values.map do |gem|
        { 'name' => gem.name, 'version' => gem.version.to_s, 'where' => text_of(gem.full_gem_path) }
      end
    end

    def limits
      found = []
      if Process.respond_to?(:getrlimit)
        found << { 'kind' => 'open-files', 'size' => Process.getrlimit(Process::RLIMIT_NOFILE).first, 'of' => 'open files' }
      end
      found + @shelves.values.reject { |shelf| shelf.takers.empty? }.map { |shelf| limit_of(shelf) }
    end
  end
end
