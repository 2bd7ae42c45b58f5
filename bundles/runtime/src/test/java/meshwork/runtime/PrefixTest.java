package meshwork.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelDescription.Rollback;
import meshwork.api.engine.ModelFile;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.InferenceException.GenerationFailed;
import meshwork.api.inference.Prompt;

/** What is remembered of earlier prompts saves work, and changes no answer. */
@Timeout(60)
class PrefixTest {

	private static final int CONTEXT = 400;
	private static final String LONG = "a conversation that has gone on for quite a while, and goes on: ";

	@TempDir
	Path folder;
	private final DigestEngine engine = new DigestEngine();
	private final Model model = engine.load(new ModelFile("digest", List.of(Path.of("a.digest")), "a", 1), LoadOptions.DEFAULT, _ -> {
	});
	private final List<String> complaints = new ArrayList<>();
	private Optional<Scheduler> scheduler = Optional.empty();

	private void start(int cells, int places, int kept, long bytes, Rollback rollback, boolean shared) {
		start(cells, places, kept, rollback, shared, new SavedPrefixes(bytes, Optional.empty()));
	}

	private void start(int cells, int places, int kept, Rollback rollback, boolean shared, SavedPrefixes saved) {
		Session session = model.open(new SessionOptions(cells, places + kept, Math.min(cells, 64), 64, 0, 0));
		scheduler = Optional.of(new Scheduler("d", session, model.vocabulary(), rollback, CONTEXT, places, 100, shared, saved, _ -> {
		}));
		scheduler.get().start();
	}

	@AfterEach
	void stop() throws InterruptedException {
		engine.before = () -> {
		};
		if (scheduler.isEmpty())
			return;
		scheduler.get().stop(new GenerationFailed("the test is over"));
		assertTrue(scheduler.get().join(Duration.ofSeconds(30)));
		scheduler = Optional.empty();
		assertEquals(List.of(), complaints);
	}

	private Generation ask(String caller, String prompt, int most, int choices, boolean remembered) {
		var request = new GenerationRequest("r", caller, "d", new Prompt.Text(prompt), SamplerOptions.GREEDY, Optional.of(most), List.of(), choices,
				Optional.empty(), true, Optional.empty(), remembered);
		var stream = new Stream(request, model.vocabulary().tokenize(prompt, false, true), Optional.empty(), scheduler.orElseThrow()::cancel);
		scheduler.orElseThrow().submit(stream);
		return stream;
	}

	private Host.Answer answer(String caller, String prompt) throws InterruptedException {
		return Host.read(ask(caller, prompt, 20, 1, true));
	}

	private int cached(String caller, String prompt) throws InterruptedException {
		return answer(caller, prompt).started.cachedTokens();
	}

	@Test
	void theNextTurnOfAConversationReadsOnlyWhatIsNew() throws InterruptedException {
		start(2000, 2, 8, 0, Rollback.ANY, false);
		var first = answer("", LONG);
		assertEquals(0, first.started.cachedTokens());
		var second = answer("", LONG + first.text() + " and then?");
		assertTrue(second.started.cachedTokens() > LONG.length(), second.started + "");
		assertEquals(second.started.cachedTokens(), second.done.usage().cachedTokens());
		assertEquals(LONG.length(), cached("", LONG + "something else entirely"));
	}

	@Test
	void theSamePromptAgainComputesItsLastToken() throws InterruptedException {
		start(2000, 2, 8, 0, Rollback.ANY, false);
		answer("", LONG);
		assertEquals(LONG.length() - 1, cached("", LONG));
	}

	@Test
	void callersDoNotFeelEachOthersPromptsUnlessTheyMay() throws InterruptedException {
		start(2000, 2, 8, 1 << 20, Rollback.ANY, false);
		answer("ann", LONG);
		assertEquals(0, cached("ben", LONG));
		assertEquals(LONG.length() - 1, cached("ann", LONG));
		stop();
		start(2000, 2, 8, 1 << 20, Rollback.ANY, true);
		answer("ann", LONG);
		assertEquals(LONG.length() - 1, cached("ben", LONG));
	}

	@Test
	void aRequestMayAskNotToBeRemembered() throws InterruptedException {
		start(2000, 2, 8, 1 << 20, Rollback.ANY, false);
		Host.read(ask("", LONG, 20, 1, false));
		assertEquals(0, cached("", LONG));
		assertEquals(0, Host.read(ask("", LONG, 20, 1, false)).started.cachedTokens());
	}

	@Test
	void manyWhoBeginAlikeAtOnceReadItOnce() throws InterruptedException {
		start(4000, 8, 8, 0, Rollback.ANY, false);
		engine.before = () -> {
			engine.before = () -> {
			};
			Host.await(() -> scheduler.orElseThrow().activity().waiting() + scheduler.orElseThrow().activity().running().size() == 8);
		};
		var all = IntStream.range(0, 8).mapToObj(i -> CompletableFuture.supplyAsync(() -> ask("", LONG + i + "?", 20, 1, true),
				task -> Thread.ofVirtual().start(task))).toList();
		int cached = 0;
		for (var each : all)
			cached += Host.read(each.join()).done.usage().cachedTokens();
		assertTrue(cached >= 6 * LONG.length(), cached + " tokens were not read again");
	}

	@ParameterizedTest
	@EnumSource
	void whatHasNoRoomInTheEngineIsKeptOutsideIt(Rollback rollback) throws InterruptedException {
		start(300, 1, 1, 1 << 20, rollback, false);
		String one = answer("", "1 " + LONG).text();
		for (int i = 2; i < 6; i++)
			answer("", i + " " + LONG + "x".repeat(100));
		assertTrue(scheduler.orElseThrow().activity().memory().savedBytes() > 0);
		var again = answer("", "1 " + LONG + (rollback == Rollback.ANY ? "" : one));
		assertTrue(again.started.cachedTokens() > LONG.length(), again.started + "");
	}

	@Test
	void whileOthersRunWhatIsKeptMovesOutAndComesBack() throws InterruptedException {
		start(2000, 2, 8, 1 << 20, Rollback.ANY, false);
		String prompt = LONG + "x".repeat(100);
		answer("", prompt);
		assertTrue(scheduler.orElseThrow().activity().memory().keptCells() > 128);
		Host.read(ask("other", "p", 300, 1, false));
		assertEquals(0, scheduler.orElseThrow().activity().memory().keptCells());
		assertTrue(scheduler.orElseThrow().activity().memory().savedBytes() > 0);
		assertEquals(prompt.length() - 1, cached("", prompt));
	}

	@Test
	void whatIsOutsideIsBoundedAndTheOldestGoesFirst() throws InterruptedException {
		start(300, 1, 1, 1000, Rollback.ANY, false);
		for (int i = 0; i < 10; i++)
			answer("", i + LONG + "x".repeat(100));
		assertTrue(scheduler.orElseThrow().activity().memory().savedBytes() <= 1000);
		assertEquals(0, cached("", "0" + LONG));
	}

	@Test
	void aRestartIsWarm() throws InterruptedException, IOException {
		start(600, 2, 4, Rollback.ANY, false, onDisk("form"));
		String first = answer("ann", LONG).text();
		answer("ben", LONG + "!");
		stop();
		start(600, 2, 4, Rollback.ANY, false, onDisk("form"));
		var again = answer("ann", LONG);
		assertEquals(LONG.length() - 1, again.started.cachedTokens());
		assertEquals(first, again.text());
		assertEquals(0, cached("cid", LONG));
		stop();
		start(600, 2, 4, Rollback.ANY, false, onDisk("another form"));
		assertEquals(0, cached("ann", LONG));
	}

	@Test
	void aDamagedFileIsNotUsedAndSaidSo() throws InterruptedException, IOException {
		start(600, 2, 4, Rollback.ANY, false, onDisk("form"));
		answer("", LONG);
		stop();
		Path file = files().getFirst();
		byte[] bytes = Files.readAllBytes(file);
		for (int at : new int[] {0, 5, 20, bytes.length / 2, bytes.length - 1}) {
			byte[] damaged = bytes.clone();
			damaged[at] ^= 4;
			Files.write(file, damaged, StandardOpenOption.CREATE);
			assertEquals(0, onDisk("form").count());
			assertTrue(complaints.getFirst().contains(file.getFileName().toString()), complaints.getFirst());
			assertTrue(Files.notExists(file));
			complaints.clear();
		}
		Files.write(file, Arrays.copyOf(bytes, 10), StandardOpenOption.CREATE);
		assertEquals(0, onDisk("form").count());
		complaints.clear();
	}

	private SavedPrefixes onDisk(String format) {
		return new SavedPrefixes(1 << 20, Optional.of(new PrefixFolder(folder, format, 1 << 20, complaints::add)));
	}

	private List<Path> files() throws IOException {
		try (var files = Files.walk(folder)) {
			return files.filter(Files::isRegularFile).toList();
		} catch (UncheckedIOException e) {
			throw e.getCause();
		}
	}

	/** Conversations that branch from one another, asked at random, some given up, where room is short in every way. */
	@ParameterizedTest
	@CsvSource({"1, ANY, 1500, 4, 100000", "2, ANY, 450, 3, 2000", "3, ANY, 420, 5, 0", "4, NONE, 1500, 4, 100000", "5, NONE, 450, 3, 3000",
			"6, NONE, 420, 5, 0"})
	void noAnswerChanges(long seed, Rollback rollback, int cells, int places, long bytes) throws InterruptedException {
		var random = new SplittableRandom(seed);
		var prompts = new ArrayList<>(List.of("a".repeat(40), LONG));
		for (int i = 0; i < 25; i++) {
			String base = prompts.get(random.nextInt(prompts.size()));
			String cut = base.substring(0, random.nextInt(base.length() / 2, base.length() + 1));
			prompts.add((cut + (char) ('a' + random.nextInt(3)) + "b".repeat(random.nextInt(60))).substring(0, Math.min(cut.length() + 1, 350)));
		}
		start(2000, 1, 0, 0, Rollback.ANY, false);
		var alone = new LinkedHashMap<String, String>();
		for (String prompt : prompts)
			alone.put(prompt, Host.read(ask("", prompt, 30, 1, false)).text());
		stop();
		start(cells, places, rollback == Rollback.ANY ? 6 : places, bytes, rollback, false);
		for (int round = 0; round < 30; round++) {
			var running = new ArrayList<CompletableFuture<Void>>();
			for (int i = 0; i < 6; i++) {
				String prompt = prompts.get(random.nextInt(prompts.size()));
				String caller = random.nextInt(4) == 0 ? "other" : "";
				boolean remembered = random.nextInt(5) > 0;
				int choices = random.nextInt(4) == 0 ? 2 : 1;
				int read = random.nextInt(3) == 0 ? random.nextInt(20) : Integer.MAX_VALUE;
				running.add(CompletableFuture.runAsync(() -> {
					try (var generation = ask(caller, prompt, 30, choices, remembered)) {
						var answer = new Host.Answer();
						for (int event = 0; event < read && answer.done == null; event++)
							answer.add(generation.next());
						for (int choice = 0; choice < choices; choice++)
							assertTrue(alone.get(prompt).startsWith(answer.text(choice)), prompt);
						if (answer.done != null)
							assertEquals(alone.get(prompt), answer.text(0));
					} catch (InterruptedException e) {
						throw new IllegalStateException(e);
					}
				}, task -> Thread.ofVirtual().start(task)));
			}
			running.forEach(CompletableFuture::join);
		}
		assertTrue(scheduler.orElseThrow().activity().done().cachedTokens() > 0);
	}
}
