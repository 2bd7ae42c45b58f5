package meshwork.runtime;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import com.sun.management.ThreadMXBean;

import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.ModelDescription.Rollback;
import meshwork.api.engine.ModelFile;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SessionOptions;
import meshwork.api.inference.GenerationEvent.Done;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.Prompt;
import meshwork.engine.plain.ByteVocabulary;
import meshwork.engine.plain.NextToken;
import meshwork.engine.plain.PlainEngine;

/**
 * What a decode step costs in Java: CPU time and bytes allocated by the thread that decodes, with an engine whose network is one line.
 * The engine's own part is in the figures, so that the real cost is lower.
 */
final class Step {

	private static final int TOKENS = 1000;
	private static final int ROUNDS = 40;

	private static final class Counting extends PlainEngine {
		Counting() {
			super("counting", "1", new ByteVocabulary("<end>"));
		}

		@Override
		protected NextToken read(ModelFile file) {
			return (tokens, logits) -> logits['a' + tokens.limit() % 20] = 5;
		}
	}

	public static void main(String[] arguments) throws Exception {
		for (int streams : new int[] {1, 4, 8, 16})
			measure(streams);
	}

	private static void measure(int streams) throws Exception {
		var model = new Counting().load(new ModelFile("counting", List.of(Path.of("none")), "none", 1), LoadOptions.DEFAULT, _ -> {
		});
		int context = TOKENS + 10;
		try (var session = model.open(new SessionOptions(context * streams, streams, 512, 512, 0, 0))) {
			var scheduler = new Scheduler("model", session, model.vocabulary(), Rollback.ANY, context, streams, streams, false,
					new SavedPrefixes(0, Optional.empty()), Throwable::printStackTrace);
			scheduler.start();
			var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
			long decoding = Arrays.stream(threads.getAllThreadIds()).filter(id -> threads.getThreadInfo(id).getThreadName().startsWith("decode"))
					.max().orElseThrow();
			var micros = new ArrayList<Double>();
			var bytes = new ArrayList<Double>();
			for (int round = 0; round < ROUNDS; round++) {
				long steps = scheduler.activity().done().steps();
				long tokens = scheduler.activity().done().generatedTokens();
				long cpu_ns = threads.getThreadCpuTime(decoding);
				long allocated = threads.getThreadAllocatedBytes(decoding);
				run(scheduler, streams);
				micros.add((threads.getThreadCpuTime(decoding) - cpu_ns) / 1e3 / (scheduler.activity().done().steps() - steps));
				bytes.add((threads.getThreadAllocatedBytes(decoding) - allocated) / (double) (scheduler.activity().done().generatedTokens() - tokens));
			}
			System.out.printf("%2d streams: %5.1f µs a step, %3.0f bytes a token%n", streams, median(micros), median(bytes));
			scheduler.drain();
		}
	}

	private static double median(List<Double> rounds) {
		return rounds.stream().skip(ROUNDS / 4).sorted().skip(3 * ROUNDS / 8).findFirst().orElseThrow();
	}

	private static void run(Scheduler scheduler, int streams) throws InterruptedException {
		var readers = new ArrayList<Thread>();
		for (int i = 0; i < streams; i++) {
			var request = new GenerationRequest("bench", "", "model", new Prompt.Text("?"), SamplerOptions.GREEDY, Optional.of(TOKENS), List.of(), 1,
					Optional.empty(), true, Optional.empty(), false);
			var stream = new Stream(request, new int[] {'?'}, Optional.empty(), scheduler::cancel);
			scheduler.submit(stream);
			readers.add(Thread.ofVirtual().start(() -> {
				try {
					while (!(stream.next() instanceof Done))
						;
				} catch (InterruptedException e) {
					Thread.currentThread().interrupt();
				}
			}));
		}
		for (Thread reader : readers)
			reader.join();
	}
}
