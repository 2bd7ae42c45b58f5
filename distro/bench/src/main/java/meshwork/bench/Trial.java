package meshwork.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import meshwork.bench.Load.Level;

/** Puts a load on a server, one level after the other. */
public final class Trial {

	private static final Duration NO_TIME = Duration.ZERO;

	private final Load load;
	private final Prompts prompts;

	/**
	 * Finds out how the server counts tokens.
	 *
	 * @throws IOException if it does not answer, or refuses
	 */
	public Trial(Load load) throws IOException, InterruptedException {
		this.load = load;
		prompts = Prompts.of(load);
	}

	/** Runs one level: what warms up, then what counts; returns when the last answer is complete. */
	public Figures run(Level level) throws InterruptedException {
		closedLoop(level.concurrency(), counted(level.warmup()));
		Duration cpu = cpu();
		long begin = System.nanoTime();
		BooleanSupplier more = more(level, begin);
		List<Sample> samples = level.rate().isPresent() ? openLoop(level.rate().getAsDouble(), more) : closedLoop(level.concurrency(), more);
		return Figures.of(level, samples, begin, cpu().minus(cpu));
	}

	private static BooleanSupplier more(Level level, long begin) {
		if (level.requests().isPresent())
			return counted(level.requests().getAsInt());
		long end = begin + level.duration().toNanos();
		return () -> System.nanoTime() - end < 0;
	}

	private static BooleanSupplier counted(int requests) {
		var left = new AtomicInteger(requests);
		return () -> left.getAndDecrement() > 0;
	}

	private static Duration cpu() {
		return ProcessHandle.current().info().totalCpuDuration().orElse(NO_TIME);
	}

	private List<Sample> closedLoop(int concurrency, BooleanSupplier more) throws InterruptedException {
		var samples = new ConcurrentLinkedQueue<Sample>();
		var threads = new ArrayList<Thread>();
		for (int i = 0; i < concurrency; i++)
			threads.add(Thread.ofPlatform().daemon().name("caller " + i).start(() -> {
				try (var caller = new Caller(load)) {
					while (more.getAsBoolean())
						samples.add(caller.ask(prompts.next(), load.outputTokens(), System.nanoTime()));
				} catch (InterruptedException _) {
					// what was asked so far is what there is
				}
			}));
		join(threads);
		return List.copyOf(samples);
	}

	private List<Sample> openLoop(double rate, BooleanSupplier more) throws InterruptedException {
		var samples = new ConcurrentLinkedQueue<Sample>();
		var idle = new ConcurrentLinkedDeque<Caller>();
		var threads = new ArrayList<Thread>();
		var random = new SplittableRandom(load.seed());
		for (long due = System.nanoTime(); more.getAsBoolean(); due += (long) (random.nextExponential() / rate * 1e9)) {
			for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime())
				LockSupport.parkNanos(wait);
			long planned = due;
			threads.add(Thread.ofPlatform().daemon().start(() -> {
				Caller found = idle.poll();
				Caller caller = found == null ? new Caller(load) : found;
				try {
					samples.add(caller.ask(prompts.next(), load.outputTokens(), planned));
					idle.push(caller);
				} catch (InterruptedException _) {
					caller.close();
				}
			}));
		}
		join(threads);
		idle.forEach(Caller::close);
		return List.copyOf(samples);
	}

	private static void join(List<Thread> threads) throws InterruptedException {
		try {
			for (Thread thread : threads)
				thread.join();
		} catch (InterruptedException e) {
			threads.forEach(Thread::interrupt);
			throw e;
		}
	}
}
