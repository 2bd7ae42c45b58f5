package meshwork.bench;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Prompts of random words, of as many tokens as are wanted: how many a word takes, and how many a chat template adds, is found
 * out by asking the server about two of them. No two prompts are the same, but for the words that they are to share.
 */
final class Prompts {

	private static final String[] WORDS = ("about above after again air all along also always and animal answer any around ask away back base"
			+ " because been before began begin being below better between big black book both boy bring build but call came can car carry"
			+ " change children city close cold come could country cover cross cut dark day did different does door down draw drive each"
			+ " early earth eat end enough even every example eye face fall family far father feet few field find fire first five follow"
			+ " food for form found four free friend from full game gave girl give good got great green group grow had half hand hard has"
			+ " have head hear heat help her here high him his hold home horse hot hour house how idea into its just keep kind king know"
			+ " land large last late laugh lead learn leave left less let letter life light like line list listen little live long look"
			+ " low made main make man many map mark may mean men might mile money moon more morning most mother mountain move much music"
			+ " must name near need never new next night north note nothing notice now number off often old once one only open order other"
			+ " our out over own page paper part pass people picture piece place plain plan plant play point port power press problem pull"
			+ " put question quick rain ran reach read real red rest right river road rock room round rule run said same saw say school"
			+ " sea second see self sentence serve set she ship short should show side simple sing sleep slow small snow some song soon"
			+ " sound south spell stand star start state stay step still stop story street strong study such sun sure table take talk teach"
			+ " tell ten test than that the their them then there these they thing think this those thought three through time together"
			+ " too took top town travel tree true try turn two under unit until upon usual very voice walk want war warm was watch water"
			+ " way week well went were west what wheel when where which while white who whole why will wind with wonder wood word work"
			+ " world would write year yes you young your").split(" ");
	private static final int FEW = 32;
	private static final int MANY = 288;

	private final long seed;
	private final String shared;
	private final int words;
	private final AtomicLong asked = new AtomicLong();

	private Prompts(long seed, int sharedWords, int words) {
		this.seed = seed;
		this.shared = text(new SplittableRandom(seed), sharedWords);
		this.words = words;
	}

	/** Prompts as the load wants them; asks the server twice. */
	static Prompts of(Load load) throws IOException, InterruptedException {
		var probes = new Prompts(load.seed() ^ 0x5eed, 0, 0);
		int few = probes.count(load, FEW);
		int many = probes.count(load, MANY);
		if (many <= few)
			throw new IOException(load.url() + " does not count tokens: its usage says " + few + " for " + FEW + " words and " + many + " for " + MANY);
		double perWord = (double) (many - few) / (MANY - FEW);
		double added = few - FEW * perWord;
		int shared = (int) Math.round(load.sharedTokens() / perWord);
		int words = (int) Math.round((load.promptTokens() - added) / perWord);
		return new Prompts(load.seed(), Math.min(shared, words), Math.max(1, words - Math.min(shared, words)));
	}

	private int count(Load load, int words) throws IOException, InterruptedException {
		try (var caller = new Caller(load)) {
			Sample sample = caller.ask(text(new SplittableRandom(seed + words), words), 1, System.nanoTime());
			if (sample.failure().isPresent())
				throw new IOException(load.url() + " refused a prompt of " + words + " words: " + sample.failure().get());
			return sample.promptTokens();
		}
	}

	/** The next prompt. */
	String next() {
		return shared + text(new SplittableRandom(seed * 0x9e3779b97f4a7c15L + asked.incrementAndGet()), words);
	}

	private static String text(SplittableRandom random, int words) {
		var text = new StringBuilder();
		for (int i = 0; i < words; i++)
			text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
		return text.toString();
	}
}
