/** What to type to set a kernel parameter now and for later boots (sysctl.d(5)). */
export function sysctlRemedy(name: string, value: number): readonly string[] {
  return [
    `sudo sysctl -w ${name}=${value}`,
    `echo ${name}=${value} | sudo tee -a /etc/sysctl.d/90-ssh-lab-factory.conf   # for later boots`,
  ];
}
