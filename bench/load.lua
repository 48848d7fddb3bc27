-- wrk's part: sends the bodies of a file in turn, and counts the answers that are not as the pattern says.
-- wrk -s load.lua URL -- FILE PATTERN; the last line that it prints is the measurement as JSON.

local threads = {}

function setup(thread)
    table.insert(threads, thread)
    thread:set("first", #threads)
end

function init(args)
    requests, wrong, sample = {}, 0, ""
    pattern = args[2]
    local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
    for body in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format("POST", "/?", headers, body)
    end
    place = first
end

function request()
    place = place % #requests + 1
    return requests[place]
end

function response(status, headers, body)
    if status ~= 200 or not string.find(body, pattern) then
        wrong = wrong + 1
        sample = status .. " " .. string.sub(body, 1, 200)
    end
end

function done(summary, latency, requests)
    local wrong, sample = 0, ""
    for _, thread in ipairs(threads) do
        wrong = wrong + thread:get("wrong")
        if thread:get("sample") ~= "" then sample = thread:get("sample") end
    end
    -- A wrong answer's sample goes to the reader alone: Lua has no JSON to quote it with.
    if sample ~= "" then print("wrong: " .. sample) end
    local e = summary.errors
    local seconds = summary.duration / 1e6
    print(string.format(
        '{"requests": %d, "seconds": %f, "rate": %f, "p50": %f, "p99": %f, "max": %f, "errors": %d, "wrong": %d}',
        summary.requests, seconds, summary.requests / seconds, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        latency.max / 1e3, e.connect + e.read + e.write + e.timeout, wrong))
end
