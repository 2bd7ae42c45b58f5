package meshwork.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Says which release this is, and what it runs on. */
@Command(name = "version", description = "Says which release this is, and what it runs on.")
final class Version implements Runnable, IVersionProvider {

	@Override
	public void run() {
		System.out.println(getVersion()[0]);
	}

	@Override
	public String[] getVersion() {
		return new String[] { "Meshwork %s on Java %s (%s), %s %s".formatted(Home.version(), Runtime.version(), System.getProperty("java.vendor"),
				System.getProperty("os.name"), System.getProperty("os.arch")) };
	}
}
