package meshwork.cli;

import picocli.CommandLine.Command;

/** Says which release this is, and what it runs on. */
@Command(name = "version", description = "Says which release this is, and what it runs on.")
final class Version implements Runnable {

	@Override
	public void run() {
		System.out.printf("Meshwork %s on Java %s (%s), %s %s%n", Home.version(), Runtime.version(), System.getProperty("java.vendor"),
				System.getProperty("os.name"), System.getProperty("os.arch"));
	}
}
