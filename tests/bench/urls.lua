-- For wrk: asks the addresses of a file one after the other. A line is a path and, after a tab, an entity tag if any.
-- A second argument is the milliseconds that each connection waits before it asks.
-- `sent` counts what was asked, so that work for answers that nobody waited for is not laid on the others.

local threads, requests, last = {}, {}, 0
sent = -1 -- wrk asks once to see what it gets

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  for line in io.lines(args[1]) do
    local path, tag = line:match("^([^\t]+)\t?(.*)$")
    local headers = { Accept = "application/json" }
    if tag ~= "" then headers["If-None-Match"] = tag end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
  if args[2] then
    local wait = tonumber(args[2])
    function delay() return wait end
  end
end

function request()
  last = last % #requests + 1
  sent = sent + 1
  return requests[last]
end

function done(summary, latency)
  local asked, failed = 0, summary.errors
  for _, thread in ipairs(threads) do asked = asked + thread:get("sent") end
  io.write(string.format(
    '\n{"sent": %d, "answered": %d, "seconds": %.6f, "bytes": %d, "p50": %.3f, "p99": %.3f, "failed": %d}\n',
    asked, summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, failed.status + failed.connect + failed.read + failed.write + failed.timeout))
end
