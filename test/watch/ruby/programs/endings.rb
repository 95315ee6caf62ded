require 'net/http'

uri = URI(ENV.fetch('URL'))
Net::HTTP.get(uri)
case ARGV[0]
when 'exit' then exit 4
when 'exit!' then exit! 4
when 'abort' then abort 'as it was'
when 'raise' then raise 'as it was'
when 'fork'
  fork { Net::HTTP.get(uri) }
  Process.wait
  exit $?.exitstatus
when 'exec' then exec 'sh', '-c', 'exit 4'
when 'spawn' then exit system(RbConfig.ruby, __FILE__, 'exit') ? 0 : $?.exitstatus
else
  $stdout.puts 'ready'
  $stdout.flush
  Net::HTTP.get(uri + '/delay/5')
end
