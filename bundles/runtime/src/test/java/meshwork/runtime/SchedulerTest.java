package meshwork.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelDescription.Rollback;
import meshwork.api.engine.ModelFile;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.InferenceException.GenerationFailed;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.Prompt;

/** What the thread that decodes does where memory is scarce, models can't go back, and readers go away. */
@Timeout(60)
class SchedulerTest {

	private static final int CONTEXT = 120;

	private final DigestEngine engine = new DigestEngine();
	private final Model model = engine.load(new ModelFile("digest", List.of(Path.of("a.digest")), "a", 1), LoadOptions.DEFAULT, share -> {
	});
	private final CompletableFuture<Throwable> broken = new CompletableFuture<>();
	private Scheduler scheduler;
	private Session session;

	private void start(int cells, int sequences, Rollback rollback) {
		session = model.open(new SessionOptions(cells, 2 * sequences, Math.min(cells, 64), 32, 0, 0));
		scheduler = new Scheduler("d", session, model.vocabulary(), rollback, CONTEXT, sequences, 100, false,
				new SavedPrefixes(1 << 16, Optional.empty()), broken::complete);
		scheduler.start();
	}

	@AfterEach
	void stop() throws InterruptedException {
		engine.before = () -> {
		};
		scheduler.stop(new GenerationFailed("the test is over"));
		assertTrue(scheduler.join(Duration.ofSeconds(30)));
		for (int sequence = 0; sequence < session.options().sequences(); sequence++)
			assertEquals(0, session.memory().end(sequence), "left in sequence " + sequence);
	}

	private Generation start(String prompt, int most, int choices) {
		var request = new GenerationRequest("r", "", "d", new Prompt.Text(prompt), SamplerOptions.GREEDY, Optional.of(most), List.of(), choices,
				Optional.empty(), true, Optional.empty(), true);
		var stream = new Stream(request, model.vocabulary().tokenize(prompt, false, true), Optional.empty(), scheduler::cancel);
		scheduler.submit(stream);
		return stream;
	}

	private List<String> answers(List<Generation> generations) throws InterruptedException {
		var answers = new ArrayList<String>();
		for (var generation : generations)
			answers.add(Host.read(generation).text());
		return answers;
	}

	@Test
	void whereCellsAreScarceRequestsMakeRoomForOneAnother() throws InterruptedException {
		start(CONTEXT, 8, Rollback.ANY);
		var alone = new ArrayList<String>();
		for (int i = 0; i < 16; i++)
			alone.add(Host.read(start("p" + i + "x".repeat(5 * i), 40, 1)).text());
		var together = IntStream.range(0, 16).mapToObj(i -> start("p" + i + "x".repeat(5 * i), 40, 1)).toList();
		assertEquals(alone, answers(together));
	}

	@Test
	void aRequestThatNeverFitsFailsAlone() throws InterruptedException {
		start(CONTEXT / 2, 2, Rollback.ANY);
		var large = start("x".repeat(CONTEXT - 10), 5, 1);
		var small = start("small", 10, 1);
		assertThrows(GenerationFailed.class, () -> Host.read(large));
		assertEquals(10, Host.read(small).done.usage().completionTokens());
	}

	@ParameterizedTest
	@EnumSource
	void choicesSayTheSameWhetherAModelCanGoBackOrNot(Rollback rollback) throws InterruptedException {
		start(4 * CONTEXT, 4, rollback);
		String alone = Host.read(start("some longer prompt that has pieces", 20, 1)).text();
		for (int choices : new int[] {2, 4, 7}) {
			var answer = Host.read(start("some longer prompt that has pieces", 20, choices));
			for (int choice = 0; choice < choices; choice++)
				assertEquals(alone, answer.text(choice));
		}
	}

	@Test
	void aStepThatIsMostlyForAReaderWhoLeftIsNotFinished() throws InterruptedException {
		start(4 * CONTEXT, 2, Rollback.ANY);
		var entered = new Semaphore(0);
		var go = new Semaphore(0);
		engine.before = () -> {
			entered.release();
			go.acquireUninterruptibly();
		};
		var generation = start("p", 50, 2);
		entered.acquireUninterruptibly();
		generation.close();
		engine.before = () -> {
		};
		go.release();
		assertEquals(10, Host.read(start("next", 10, 1)).done.usage().completionTokens());
		assertEquals(11, engine.scored.get());
	}

	@Test
	void whatIsDrainedEndsAndNothingNewBegins() throws InterruptedException {
		start(4 * CONTEXT, 2, Rollback.ANY);
		var running = IntStream.range(0, 6).mapToObj(i -> start("p" + i, 30, 1)).toList();
		scheduler.drain();
		assertThrows(ModelNotReady.class, () -> start("late", 5, 1));
		for (var generation : running)
			assertEquals(FinishReason.LENGTH, Host.read(generation).ends.get(0).reason());
		assertTrue(scheduler.join(Duration.ofSeconds(30)));
		assertThrows(ModelNotReady.class, () -> start("later", 5, 1));
		assertTrue(!broken.isDone());
	}
}
