/* SPDX-License-Identifier: MIT */
/*
 * A program killed at one moment: before the Nth of its system calls that can
 * change something outside of it.
 *
 *   kill_at N COMMAND [WORD ...]
 *
 * Counts ioctl (every hypercall is one), write, pwrite64, unlink, rename and
 * ftruncate, seen by ptrace; so the program needs no knowledge of it, and each
 * N is another state of the world. Exit codes: 0 killed; 3 it ended by itself
 * before its Nth call, whose number and exit code are printed; 1 not tried.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_KILLED 0
#define EXIT_ENDED  3

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "kill_at: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int is_counted(unsigned long long number)
{
	switch (number) {
	case SYS_ioctl:
	case SYS_write:
	case SYS_pwrite64:
	case SYS_unlink:
	case SYS_unlinkat:
	case SYS_rename:
	case SYS_ftruncate:
		return 1;
	default:
		return 0;
	}
}

/* Runs until the program's next stop: its wait status. */
static int next_stop(pid_t pid, int signal_to_pass)
{
	int status;

	if (ptrace(PTRACE_SYSCALL, pid, NULL, (long)signal_to_pass) != 0 ||
	    waitpid(pid, &status, 0) != pid) {
		fail("ptrace");
	}
	return status;
}

static int follow(pid_t pid, long wanted)
{
	struct user_regs_struct regs;
	int enters = 1, deliver = 0, status;
	long seen = 0;

	for (;;) {
		status = next_stop(pid, deliver);
		deliver = 0;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			printf("%ld calls, exit code %d\n", seen,
			       WIFEXITED(status) ? WEXITSTATUS(status) : -1);
			return EXIT_ENDED;
		}
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			deliver = WSTOPSIG(status);
			continue;
		}
		if (enters && ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0) {
			fail("registers");
		}
		if (enters && is_counted(regs.orig_rax) && ++seen == wanted) {
			/* A call that it stands before is not made any more. */
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return EXIT_KILLED;
		}
		enters = !enters;
	}
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: kill_at N COMMAND [WORD ...]\n");
		return 1;
	}
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) {
		fail(argv[2]);
	}
	ptrace(PTRACE_SETOPTIONS, pid, NULL,
	       (long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	return follow(pid, atol(argv[1]));
}
