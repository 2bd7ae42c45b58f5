package meshwork.runtime;

import static meshwork.runtime.Host.endless;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.Started;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.InferenceException.ContextExceeded;
import meshwork.api.inference.InferenceException.GenerationFailed;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.InferenceException.ModelUnknown;
import meshwork.api.inference.InferenceException.Overloaded;
import meshwork.api.inference.Prompt;
import meshwork.engine.echo.EchoEngine;

/** What requests get, on models whose text depends on every token before. */
@Timeout(60)
class GenerationTest {

	private static final SamplerOptions HOT = new SamplerOptions(List.of(new Stage.Temperature(2)), 17);

	@TempDir
	Path folder;
	private final DigestEngine digest = new DigestEngine();
	private final EchoEngine echo = new EchoEngine();
	private Host host;

	@BeforeEach
	void serve() {
		host = new Host(folder, 2048, 8, 4).with(digest, "digest").with(echo, "echo").serve("d.digest").serve("e.echo");
	}

	@AfterEach
	void stop() throws InterruptedException {
		digest.before = () -> {
		};
		host.close();
	}

	private static GenerationRequest request(String model, String prompt, SamplerOptions sampling, int most, int choices, String... stops) {
		return new GenerationRequest("r", "", model, new Prompt.Text(prompt), sampling, Optional.of(most), List.of(stops), choices,
				Optional.empty(), false, Optional.empty(), true);
	}

	@Test
	void theModelIsHeard() throws InterruptedException {
		var answer = host.answer(Host.request("e", "Grüße, 世界 👩‍🚀!"));
		assertEquals("Grüße, 世界 👩‍🚀!", answer.text());
		assertEquals(FinishReason.STOP, answer.ends.get(0).reason());
		int bytes = "Grüße, 世界 👩‍🚀!".getBytes(StandardCharsets.UTF_8).length;
		assertEquals(bytes, answer.started.promptTokens());
		assertEquals(bytes + 2, answer.done.usage().completionTokens());
		for (String piece : answer.pieces)
			assertFalse(piece.isEmpty() || Character.isHighSurrogate(piece.charAt(piece.length() - 1)), piece);
	}

	@Test
	void eightStreamsAtOnceSayWhatTheySayAlone() throws InterruptedException {
		var requests = IntStream.range(0, 8).mapToObj(i -> request("d", ("prompt " + i + " ").repeat(1 + i * 9), HOT, 100 + i, 1)).toList();
		var alone = new ArrayList<String>();
		for (var request : requests)
			alone.add(host.answer(request).text());
		assertEquals(8, alone.stream().distinct().count());
		var generations = requests.stream().map(host::start).toList();
		for (int i = 0; i < 8; i++)
			assertEquals(alone.get(i), Host.read(generations.get(i)).text());
	}

	@Test
	void choicesShareThePromptAndDrawTheirOwn() throws InterruptedException {
		var one = host.answer(request("d", "say something", new SamplerOptions(HOT.stages(), 19), 50, 1)).text();
		var several = host.answer(request("d", "say something", HOT, 50, 3));
		assertEquals(one, several.text(2));
		assertEquals(3, several.ends.size());
		assertEquals(3, several.texts.values().stream().map(Object::toString).distinct().count());
	}

	@Test
	void moreChoicesThanPlacesTakeTurns() throws InterruptedException {
		var answer = host.answer(request("d", "say it", SamplerOptions.GREEDY, 30, 20));
		var alone = host.answer(request("d", "say it", SamplerOptions.GREEDY, 30, 1)).text();
		for (int i = 0; i < 20; i++)
			assertEquals(alone, answer.text(i));
	}

	@ParameterizedTest
	@ValueSource(ints = {1, 2})
	void aShortPromptHasAsManyChoices(int length) throws InterruptedException {
		var answer = host.answer(request("d", "ab".substring(0, length), SamplerOptions.GREEDY, 5, 2));
		assertEquals(answer.text(0), answer.text(1));
	}

	@Test
	void aStopIsNotPartOfTheText() throws InterruptedException {
		var answer = host.answer(request("e", "one, two, three", SamplerOptions.GREEDY, 99, 1, "o, th", "never"));
		assertEquals("one, tw", answer.text());
		assertEquals(Optional.of("o, th"), answer.ends.get(0).stop());
		assertEquals(FinishReason.STOP, answer.ends.get(0).reason());
	}

	@Test
	void theMostTokensEndAChoice() throws InterruptedException {
		var answer = host.answer(request("e", "a long story", SamplerOptions.GREEDY, 4, 1));
		assertEquals("a l", answer.text());
		assertEquals(FinishReason.LENGTH, answer.ends.get(0).reason());
	}

	@Test
	void theContextEndsAChoice() throws InterruptedException {
		var answer = host.answer(endless("d", "a".repeat(2000)));
		assertEquals(FinishReason.LENGTH, answer.ends.get(0).reason());
		assertEquals(49, answer.done.usage().completionTokens());
		assertEquals(1, host.answer(endless("d", "a".repeat(2048))).done.usage().completionTokens());
	}

	@Test
	void likelihoodsComeWithTheTokens() throws InterruptedException {
		var answer = host.answer(new GenerationRequest("r", "", "e", new Prompt.Text("one, two"), SamplerOptions.GREEDY, Optional.empty(),
				List.of("two"), 1, Optional.of(2), false, Optional.empty(), true));
		assertEquals("one, ", answer.text());
		assertEquals("<|echo|>one, ", String.join("", answer.tokens.stream().map(it -> new String(it.bytes(), StandardCharsets.UTF_8)).toList()));
		for (var token : answer.tokens) {
			assertEquals(2, token.top().size());
			assertEquals(token.token(), token.top().getFirst().token());
			assertEquals(token.logprob(), token.top().getFirst().logprob());
			assertTrue(token.logprob() > -0.02 && token.logprob() < 0);
		}
	}

	@Test
	void whatIsWrongWithARequestIsSaidBeforeTheFirstEvent() {
		assertThrows(ModelUnknown.class, () -> host.start(Host.request("x", "hi")));
		var exceeded = assertThrows(ContextExceeded.class, () -> host.start(Host.request("d", "a".repeat(2049))));
		assertEquals(2049, exceeded.promptTokens());
		assertEquals(2048, exceeded.context());
		assertThrows(InvalidRequest.class, () -> host.start(Host.request("d", "")));
		assertThrows(InvalidRequest.class, () -> host.start(request("d", "a", HOT, 0, 1)));
		assertThrows(InvalidRequest.class, () -> host.start(request("d", "a", HOT, 5, 0)));
		assertThrows(InvalidRequest.class, () -> host.start(request("d", "a", HOT, 5, 1, "")));
		assertThrows(InvalidRequest.class,
				() -> host.start(GenerationRequest.of("r", "d", new Prompt.Tokens(new int[] {5, 257}), SamplerOptions.GREEDY)));
		var stage = assertThrows(InvalidRequest.class,
				() -> host.start(request("d", "a", new SamplerOptions(List.of(new Stage.Typical(0.5f, 1)), 0), 5, 1)));
		assertTrue(stage.getMessage().contains("Typical"), stage.getMessage());
	}

	/** A context is full in no time else. */
	private void slowly() {
		digest.before = () -> LockSupport.parkNanos(1_000_000);
	}

	@Test
	void aFullQueueRefusesAndTakesAgainWhenThereIsRoom() throws InterruptedException {
		slowly();
		var running = new ArrayList<Generation>();
		for (int i = 0; i < 12; i++)
			running.add(host.start(endless("d", "p" + i)));
		var overloaded = assertThrows(Overloaded.class, () -> host.start(Host.request("d", "one more")));
		assertTrue(overloaded.retryAfter().isPositive());
		running.getLast().close();
		running.getFirst().close();
		Host.await(() -> {
			try (var generation = host.start(Host.request("d", "one more"))) {
				return true;
			} catch (Overloaded e) {
				return false;
			}
		});
		running.forEach(Generation::close);
		assertFalse(host.answer(Host.request("d", "and again")).text().isEmpty());
	}

	@Test
	void aClosedGenerationGivesItsPlaceToTheNext() throws InterruptedException {
		slowly();
		var running = IntStream.range(0, 8).mapToObj(i -> host.start(endless("d", "p" + i))).toList();
		try (var next = host.start(request("d", "next", HOT, 10, 1))) {
			running.get(3).close();
			assertInstanceOf(Started.class, next.next());
			running.forEach(Generation::close);
			assertEquals(10, Host.read(next).done.usage().completionTokens());
		}
	}

	@Test
	void aReaderLearnsThatItsGenerationWasClosed() throws InterruptedException {
		slowly();
		var generation = host.start(endless("d", "p"));
		assertInstanceOf(Started.class, generation.next());
		var reader = CompletableFuture.supplyAsync(() -> assertThrows(GenerationFailed.class, () -> Host.read(generation)));
		generation.close();
		generation.close();
		reader.join();
		assertThrows(IllegalStateException.class, generation::next);
	}

	@Test
	void aDeadlineEndsWhatRunsAndWhatWaits() {
		var late = new GenerationRequest("r", "", "d", new Prompt.Text("p"), HOT, Optional.empty(), List.of(), 9, Optional.empty(), true,
				Optional.of(Duration.ofMillis(20)), true);
		digest.before = () -> {
			try {
				Thread.sleep(1);
			} catch (InterruptedException e) {
				throw new IllegalStateException(e);
			}
		};
		var failed = assertThrows(GenerationFailed.class, () -> host.answer(late));
		assertTrue(failed.getMessage().contains("20 ms"), failed.getMessage());
	}

	@Test
	void aReaderThatNeverReadsHoldsNobodyUp() throws InterruptedException {
		try (var unread = host.start(endless("d", "nobody listens"))) {
			for (int i = 0; i < 10; i++)
				assertEquals(100, host.answer(request("d", "p" + i, new SamplerOptions(List.of(new Stage.Bias(Map.of(256, -99f))), 0),
						100, 1)).done.usage().completionTokens());
			assertInstanceOf(Started.class, unread.next());
		}
	}

	@ParameterizedTest
	@ValueSource(longs = {1, 2, 3})
	void whateverComesAndGoesTheTextStaysTheSame(long seed) throws InterruptedException {
		var random = new SplittableRandom(seed);
		var requests = IntStream.range(0, 12).mapToObj(i -> request("d", "x".repeat(1 + random.nextInt(700)) + i,
				new SamplerOptions(HOT.stages(), i), 1 + random.nextInt(200), 1 + random.nextInt(3))).toList();
		var alone = new ArrayList<Host.Answer>();
		for (var request : requests)
			alone.add(host.answer(request));
		for (int round = 0; round < 10; round++) {
			var running = new ArrayList<CompletableFuture<Void>>();
			for (int i = 0; i < 11; i++) {
				int which = random.nextInt(requests.size());
				int read = random.nextInt(3) == 0 ? random.nextInt(40) : Integer.MAX_VALUE;
				running.add(CompletableFuture.runAsync(() -> compare(requests.get(which), alone.get(which), read),
						task -> Thread.ofVirtual().start(task)));
			}
			running.forEach(CompletableFuture::join);
		}
		var all = IntStream.range(0, 8).mapToObj(i -> host.start(endless("d", "x".repeat(1000) + i))).toList();
		for (var generation : all)
			assertEquals(FinishReason.LENGTH, Host.read(generation).ends.get(0).reason());
	}

	private void compare(GenerationRequest request, Host.Answer alone, int read) {
		try (var generation = host.start(request)) {
			var answer = new Host.Answer();
			for (int i = 0; i < read && answer.done == null; i++)
				answer.add(generation.next());
			for (int choice = 0; choice < request.choices(); choice++)
				assertTrue(alone.text(choice).startsWith(answer.text(choice)));
			if (answer.done != null) {
				assertEquals(alone.done.usage().completionTokens(), answer.done.usage().completionTokens());
				assertEquals(alone.ends, answer.ends);
			}
		} catch (InterruptedException e) {
			throw new IllegalStateException(e);
		}
	}
}
