# A function in Lambda can write only to /tmp. It lasts as long as the execution environment, for
# several calls: use it as a cache, and do not depend on what it holds.
const KEPT = "/tmp/primes"
const LIMIT = 10_000_000

"How many primes there are up to a number."
function count_primes(n::Int)
    n <= LIMIT || throw(DomainError(n, "at most $LIMIT"))
    upto, primes = kept()
    if upto < n
        println("sieving up to $n")
        upto, primes = keep(n, sieve(n))
    end
    count(p -> p <= n, primes)
end

"How far the kept primes go, and the primes."
function kept()
    isfile(KEPT) || return 0, Int[]
    numbers = reinterpret(Int, read(KEPT))
    numbers[1], numbers[2:end]
end

"A call that Lambda ends half-way leaves no half of a file: its name comes last."
function keep(n::Int, primes::Vector{Int})
    write("$KEPT.new", vcat(n, primes))
    mv("$KEPT.new", KEPT; force = true)
    n, primes
end

function sieve(n::Int)
    prime = trues(n)
    for p in 2:isqrt(max(n, 0))
        prime[p] && (prime[p*p:p:n] .= false)
    end
    filter(!isequal(1), findall(prime))
end
