-- Copyright 2026 The Almanac authors
-- SPDX-License-Identifier: Apache-2.0
--
-- wrk's script: posts the file BODY, as fast as its connections allow, or with RATE at that many requests a second by a
-- schedule that waits for no answer. Prints what it found as JSON.

local ffi = require("ffi")
ffi.cdef([[
    typedef struct { long seconds; long nanoseconds; } bench_time;
    int clock_gettime(int clock, bench_time *time);
]])

wrk.method = "POST"

local file = assert(io.open(os.getenv("BODY")))
wrk.body = file:read("*a")
file:close()

local rate = tonumber(os.getenv("RATE") or "")
if rate then
    local monotonic, time = 1, ffi.new("bench_time")
    local due
    late, latest = 0, 0

    local function now()
        ffi.C.clock_gettime(monotonic, time)
        return tonumber(time.seconds) * 1e3 + tonumber(time.nanoseconds) / 1e6
    end

    -- Asked by each connection that has nothing to do: it takes the next place of the schedule.
    function delay()
        due = (due or now()) + 1e3 / rate
        local wait = due - now()
        latest = math.max(latest, -wait)
        -- All connections were waiting for answers when this request was due.
        if wait < -10 then late = late + 1 end
        return math.max(0, math.floor(wait + 0.5))
    end
end

local threads = {}
function setup(thread) table.insert(threads, thread) end

function done(summary, latency)
    local errors, late, latest = summary.errors, 0, 0
    for _, thread in ipairs(threads) do
        late = late + (thread:get("late") or 0)
        latest = math.max(latest, thread:get("latest") or 0)
    end
    local numbers = {
        requests = summary.requests,
        seconds = summary.duration / 1e6,
        unanswered = errors.connect + errors.read + errors.write + errors.timeout,
        refused = errors.status,
        late = late,
        latest = latest,
        p50 = latency:percentile(50) / 1e3,
        p99 = latency:percentile(99) / 1e3,
        p999 = latency:percentile(99.9) / 1e3,
    }
    local parts = {}
    for name, number in pairs(numbers) do table.insert(parts, string.format('"%s": %.15g', name, number)) end
    io.write("{" .. table.concat(parts, ", ") .. "}\n")
end
